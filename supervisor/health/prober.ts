/**
 * Asks a unit's health check once, from where the unit is: its network namespace, its root, its rights.
 * Every way ends within the check's own time and leaves nothing open.
 */
import { processSpec } from '../../runc-shim/oci/generate.ts';
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import type { ContainerRuntime } from '../../runc-shim/runtime.ts';
import { errorMessage } from '../../sys/errno.ts';
import { describeExit } from '../../sys/exit.ts';
import type { Sys } from '../../sys/sys.ts';
import type { ProbeOutcome } from '../interpreter/launcher.ts';
import type { Limiter } from '../interpreter/limiter.ts';
import { describeSpan } from '../service/describe.ts';
import { PROBE_OUTPUT_BYTES } from '../service/health.ts';
import type { HealthCheck } from '../service/policy.ts';
import { slowFiles } from '../slow-files.ts';
import { connectFrom } from './connect-from.ts';
import { probeFile } from './file-probe.ts';
import { probeHttp } from './http-probe.ts';
import { probeTcp } from './tcp-probe.ts';

export interface ProberContext {
  readonly sys: Pick<Sys, 'openTcpSocket'>;
  readonly runtime: Pick<ContainerRuntime, 'exec'>;
  /**
   * How many commands run at once, all units together; not the limit of launches, which a command that
   * hangs would hold up. A command's time begins when its turn has come.
   */
  readonly limitExec: Limiter;
}

export interface ProbedUnit {
  readonly id: string;
  readonly container: ContainerSpec;
}

/** Never rejects. */
export async function askHealth(
  context: ProberContext,
  unit: ProbedUnit,
  check: HealthCheck,
  pid: number,
): Promise<ProbeOutcome> {
  try {
    const { passed, output } = await ask(context, unit, check, pid);
    return { passed, output: firstBytes(output) };
  } catch (error) {
    return { passed: false, output: firstBytes(errorMessage(error)) };
  }
}

async function ask(
  { sys, runtime, limitExec }: ProberContext,
  { id, container }: ProbedUnit,
  { probe, timeoutMs }: HealthCheck,
  pid: number,
): Promise<ProbeOutcome> {
  switch (probe.kind) {
    case 'exec': {
      const command = processSpec({ ...container, args: probe.args });
      return limitExec(() => runCommand(runtime, id, command, timeoutMs));
    }
    case 'http':
      return probeHttp(connectFrom(sys, pid, probe), probe, timeoutMs);
    case 'tcp':
      return probeTcp(connectFrom(sys, pid, probe), timeoutMs);
    case 'file': {
      const context = { files: slowFiles, nowMs: Date.now };
      return probeFile(context, id, `/proc/${pid}/root`, probe, timeoutMs);
    }
  }
}

async function runCommand(
  runtime: ProberContext['runtime'],
  ...[id, command, timeoutMs]: Parameters<ContainerRuntime['exec']>
): Promise<ProbeOutcome> {
  const { exit, timedOut, output } = await runtime.exec(id, command, timeoutMs);
  const said = output.trim();
  if (!timedOut && exit.kind === 'exited' && exit.code === 0) return { passed: true, output: said };
  const why = timedOut
    ? `killed, not finished within ${describeSpan(timeoutMs)}`
    : describeExit(exit);
  return { passed: false, output: said === '' ? why : `${why}: ${said}` };
}

/** Cuts off what does not fit, without half a character at the end. */
function firstBytes(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= PROBE_OUTPUT_BYTES) return text;
  let to = PROBE_OUTPUT_BYTES;
  // Bytes 10xxxxxx go on with a character that has begun before.
  while (to > 0 && ((bytes[to] ?? 0) & 0xc0) === 0x80) to -= 1;
  return bytes.toString('utf8', 0, to);
}
