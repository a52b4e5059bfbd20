/** What the metrics are made of, as the control API tells it. */
import type { MachineInfo, UnitStatus } from '../../control/api.ts';
import type {
  BlockDevice,
  CpuInfo,
  ImageInfo,
  MachineMount,
  MemoryInfo,
  PressureInfo,
} from '../../control/api-machine.ts';
import type { NetworkInterface } from '../../control/api-network.ts';
import type { UsageSummary } from '../../control/api-usage.ts';

export interface MetricFacts {
  readonly machine: MachineInfo;
  readonly image: ImageInfo;
  readonly cpu: CpuInfo;
  readonly memory: MemoryInfo;
  readonly pressure: PressureInfo;
  readonly disks: readonly BlockDevice[];
  readonly mounts: readonly MachineMount[];
  readonly network: readonly NetworkInterface[];
  readonly units: readonly UnitStatus[];
  readonly usage: readonly UsageSummary[];
}
