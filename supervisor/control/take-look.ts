/** Asks PID 1 for all that `top` shows, at once. */
import type { MachineInfo, UnitStatus } from './api.ts';
import type { CpuInfo, MemoryInfo } from './api-machine.ts';
import type { UsageSummary } from './api-usage.ts';
import type { ControlClient } from './client.ts';
import type { Look } from '../view/top-view.ts';

export async function takeLook(client: ControlClient): Promise<Look> {
  const [{ uptimeMs: atMs }, cpu, memory, usage, units] = await Promise.all([
    client.get<MachineInfo>('/v1/machine'),
    client.get<CpuInfo>('/v1/cpu'),
    client.get<MemoryInfo>('/v1/memory'),
    client.get<readonly UsageSummary[]>('/v1/usage'),
    client.get<readonly UnitStatus[]>('/v1/services'),
  ]);
  return { atMs, cpu, memory, usage, units };
}
