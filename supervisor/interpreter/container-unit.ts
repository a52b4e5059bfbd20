/**
 * A unit that is a container: its bundle, its log and its runs under the OCI runtime. Started in two
 * steps, create and start, because only so is the pid known, and watched, before the program runs.
 */
import { errorMessage } from '../../sys/errno.ts';
import { prepareBundle, removeBundle, rewriteBundle } from '../../runc-shim/bundle.ts';
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import { moduleAliases } from '../../runc-shim/oci/module-aliases.ts';
import { attachSteps } from '../../runc-shim/runtime-steps.ts';
import { askHealth } from '../health/prober.ts';
import type { HealthCheck, Readiness } from '../service/policy.ts';
import { atStageSync } from './at-stage.ts';
import { ContainerProcess, type ProcessContext, type ProcessOf } from './container-process.ts';
import type { Launcher, LaunchOrder, LaunchReport, ProbeOutcome } from './launcher.ts';
import type { Limiter } from './limiter.ts';
import { runPreStart } from './pre-start.ts';
import { closeExtra, readinessChannel } from './readiness.ts';

export interface ContainerContext extends ProcessContext {
  /** As `limit`, for the commands of health checks. */
  readonly limitExec: Limiter;
  /** Loads the kernel module behind an alias, unless it is there; never rejects. */
  readonly loadFor?: (alias: string) => Promise<void>;
}

export interface ContainerUnit extends ProcessOf {
  readonly container: ContainerSpec;
  /** Whether an earlier generation of PID 1 may have left this container behind. */
  readonly leftovers: boolean;
  readonly health?: HealthCheck;
  readonly readiness?: Readiness;
  /** See `Service.preStart` of the manifest. */
  readonly preStart?: readonly (readonly string[])[];
}

export function containerLauncher(context: ContainerContext, unit: ContainerUnit): Launcher {
  const { sys } = context;
  const { id, container, cgroupsPath, log, preStart = [] } = unit;
  const readiness = readinessChannel(sys, id, unit.readiness, {
    whileStanding: log.whileStanding,
  });
  const process = new ContainerProcess(context, unit);
  let leftovers = unit.leftovers;

  async function launch(report: LaunchReport, order: LaunchOrder): Promise<void> {
    if (leftovers) await remove();
    leftovers = true;
    if (bindsDevices(container)) await context.devicesReady;
    await loadModules();
    const bundleFor = bundleMaker();
    if (preStart.length > 0) {
      const bundleOf = (args: readonly string[]): string =>
        bundleFor({ ...container, args, terminal: false });
      await runPreStart(process, { commands: preStart, bundleOf }, report, order);
    }
    const extra = atStageSync('readiness', () => readiness.begin(() => report.ready()));
    let pid: number;
    try {
      const bundle = atStageSync('bundle', () => bundleFor(readiness.equip(container)));
      pid = await process.create(bundle, order, {
        ...(extra && { extra }),
        hasTerminal: container.terminal === true,
      });
      report.created(pid);
      process.watch(pid, (end) => report.exited(end));
    } finally {
      closeExtra(extra);
    }
    atStageSync('runtime', () => attachSteps(sys, container.runtime ?? {}, pid));
    await process.start(order);
  }

  async function loadModules(): Promise<void> {
    const aliases = moduleAliases(container);
    const { interfaces = [] } = container.runtime ?? {};
    if (aliases.length + interfaces.length > 0) await context.devicesReady;
    for (const alias of aliases) await context.loadFor?.(alias);
  }

  /** One bundle for all that a launch runs: only the first call makes it. */
  function bundleMaker(): (container: ContainerSpec) => string {
    let bundle: string | undefined;
    return (wanted) => {
      if (bundle === undefined) bundle = prepareBundle(sys, { id, container: wanted, cgroupsPath });
      else rewriteBundle(bundle, wanted, cgroupsPath);
      return bundle;
    };
  }

  async function remove(): Promise<void> {
    readiness.end();
    await process.remove();
    removeBundle(sys, id);
    await log.flush();
    leftovers = false;
  }

  function adopt(pid: number, report: Pick<LaunchReport, 'exited' | 'ready'>): void {
    if (process.watch(pid, (end) => report.exited(end))) return;
    try {
      // Signal 0 asks only; a process that has ended and waits to be collected is still there. Of one that is
      // no child of ours somebody else knows how it has ended.
      if (context.runtime.watch === undefined) sys.kill(pid, 0);
    } catch {
      report.exited({ kind: 'lost' });
      return;
    }
    try {
      readiness.adopt(() => report.ready());
    } catch (error) {
      context.warn(id, `nobody hears whether it is ready: ${errorMessage(error)}`);
    }
  }

  return {
    launch,
    adopt,
    remove,
    async probe(pid) {
      return unit.health === undefined ? UNASKED : askHealth(context, unit, unit.health, pid);
    },
    signal: (pid, signal) => process.signal(pid, signal),
    kill: (pid) => process.kill(pid),
  };
}

const UNASKED: ProbeOutcome = { passed: true, output: '' };

/** Whether the container cannot even be created before its devices are there. */
function bindsDevices({ binds }: ContainerSpec): boolean {
  return binds.some(({ source }) => /^\/(dev|sys)\//.test(source));
}
