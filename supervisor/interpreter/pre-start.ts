/**
 * The commands before a service's program: one after another in the same container, whose files stay from
 * one to the next, each waited for. The first that fails ends the launch.
 */
import { basename } from 'node:path';
import { describeEnd } from '../service/describe.ts';
import type { RunEnd } from '../service/state.ts';
import { atStageSync } from './at-stage.ts';
import type { ContainerProcess } from './container-process.ts';
import { LaunchError, type LaunchOrder, type LaunchReport } from './launcher.ts';

export interface PreStart {
  readonly commands: readonly (readonly string[])[];
  /** Makes the bundle one in which `args` is what is executed; returns its path. */
  readonly bundleOf: (args: readonly string[]) => string;
}

/** Throws `LaunchError`. */
export async function runPreStart(
  process: ContainerProcess,
  { commands, bundleOf }: PreStart,
  report: Pick<LaunchReport, 'step' | 'stepEnded'>,
  order: LaunchOrder,
): Promise<void> {
  for (const [index, args] of commands.entries()) {
    const bundle = atStageSync('bundle', () => bundleOf(args));
    const name = `preStart ${index + 1} of ${commands.length} (${nameOf(args)})`;
    const pid = await process.create(bundle, order);
    const end = new Promise<RunEnd>((resolve) => {
      process.watch(pid, (how) => {
        report.stepEnded();
        resolve(how);
      });
    });
    report.step(pid, name);
    await process.start(order);
    const how = await end;
    await process.remove();
    if (how.kind === 'exited' && how.code === 0) continue;
    throw new LaunchError('preStart', `${name}: ${describeEnd(how)}`);
  }
}

const LONGEST_NAME = 40;

/** The program, or what the shell is told. */
function nameOf([program = '', option, line]: readonly string[]): string {
  if (option !== '-c' || line === undefined) return basename(program);
  return line.length <= LONGEST_NAME ? line : `${line.slice(0, LONGEST_NAME)}…`;
}
