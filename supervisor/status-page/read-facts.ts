/** Asks the control API for what the page and the metrics show. */
import type { BootReport, MachineInfo, UnitStatus } from '../control/api.ts';
import type {
  BlockDevice,
  CpuInfo,
  ImageInfo,
  MachineMount,
  MemoryInfo,
  PressureInfo,
} from '../control/api-machine.ts';
import type { NetworkInterface } from '../control/api-network.ts';
import type { UsageSummary } from '../control/api-usage.ts';
import { type ControlClient, ControlError } from '../control/client.ts';
import type { Facts } from './facts.ts';
import type { MetricFacts } from './metrics/metric-facts.ts';

/** Rejects with `ControlError`. */
export async function readFacts(client: ControlClient): Promise<Facts> {
  const [machine, cpu, units, usage, image, boot] = await Promise.all([
    client.get<MachineInfo>('/v1/machine'),
    client.get<CpuInfo>('/v1/cpu'),
    client.get<UnitStatus[]>('/v1/services'),
    client.get<UsageSummary[]>('/v1/usage'),
    client.get<ImageInfo>('/v1/image'),
    client.get<BootReport>('/v1/boot'),
  ]);
  return { machine, cpu, units, usage, image, boot };
}

/** Rejects with `ControlError`. */
export async function readMetricFacts(client: ControlClient): Promise<MetricFacts> {
  const [machine, image, cpu, memory, pressure, disks, mounts, network, units, usage] =
    await Promise.all([
      client.get<MachineInfo>('/v1/machine'),
      client.get<ImageInfo>('/v1/image'),
      client.get<CpuInfo>('/v1/cpu'),
      client.get<MemoryInfo>('/v1/memory'),
      client.get<PressureInfo>('/v1/pressure'),
      client.get<BlockDevice[]>('/v1/disks'),
      client.get<MachineMount[]>('/v1/mounts'),
      client.get<NetworkInterface[]>('/v1/network'),
      client.get<UnitStatus[]>('/v1/services'),
      client.get<UsageSummary[]>('/v1/usage'),
    ]);
  return { machine, image, cpu, memory, pressure, disks, mounts, network, units, usage };
}

/** `undefined` when the image was built without it. Rejects with `ControlError`. */
export async function readSbom(client: ControlClient): Promise<string | undefined> {
  try {
    return `${JSON.stringify(await client.get<object>('/v1/sbom'), null, 1)}\n`;
  } catch (error) {
    if (error instanceof ControlError && error.code === 'not-found') return undefined;
    throw error;
  }
}
