/** `net`, `mem` and `disk`: facts about the machine as a whole. */
import type {
  BlockDevice,
  MachineMount,
  MemoryInfo,
  PressureInfo,
} from '../control/api-machine.ts';
import type { ListeningSocket, NetworkInterface, NetworkRoute } from '../control/api-network.ts';
import type { UsageSummary } from '../control/api-usage.ts';
import type { Order } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { diskLines } from './disk-view.ts';
import { jsonLine } from './json-line.ts';
import { memoryLines } from './memory-view.ts';
import { networkLines } from './network-view.ts';

export async function showNetwork({ json }: Order, context: CommandContext): Promise<boolean> {
  const { client, width } = context;
  const [interfaces, routes, sockets] = await Promise.all([
    client.get<readonly NetworkInterface[]>('/v1/network'),
    client.get<readonly NetworkRoute[]>('/v1/routes'),
    client.get<readonly ListeningSocket[]>('/v1/sockets'),
  ]);
  const facts = { interfaces, routes, sockets };
  await context.print(json ? [jsonLine(facts)] : networkLines(facts, width));
  return true;
}

export async function showMemory({ json }: Order, context: CommandContext): Promise<boolean> {
  const { client, width } = context;
  const [memory, usage, pressure] = await Promise.all([
    client.get<MemoryInfo>('/v1/memory'),
    client.get<readonly UsageSummary[]>('/v1/usage'),
    client.get<PressureInfo>('/v1/pressure'),
  ]);
  const facts = { memory, usage, pressure };
  await context.print(json ? [jsonLine(facts)] : memoryLines(facts, width));
  return true;
}

export async function showDisks({ json }: Order, context: CommandContext): Promise<boolean> {
  const { client, width } = context;
  const [mounts, disks] = await Promise.all([
    client.get<readonly MachineMount[]>('/v1/mounts'),
    client.get<readonly BlockDevice[]>('/v1/disks'),
  ]);
  await context.print(json ? [jsonLine({ mounts, disks })] : diskLines(mounts, disks, width));
  return true;
}
