/**
 * Carries out what the reducer orders. The one rule here: nothing throws towards the engine. Whatever
 * an effect runs into becomes a fact about the run it was ordered for.
 */
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import type { RebootCommand } from '../../sys/sys.ts';
import type { Fact } from '../engine.ts';
import type { Change, Effect } from '../service/effect.ts';
import type { Condition } from '../service/policy.ts';
import type { RunEnd, RunId, UnitId } from '../service/state.ts';
import { LaunchError, type Launcher, type LaunchReport } from './launcher.ts';

export interface InterpreterContext {
  readonly dispatch: (fact: Fact) => void;
  readonly record: (change: Omit<Change, 'atMs'>) => void;
  readonly setTimer: (ms: number, fire: () => void) => void;
  /**
   * Calls `onMissing` with those of `conditions` that are not there, at once and at each change, until all
   * are or the returned function is called.
   */
  readonly watchConditions: (
    conditions: readonly Condition[],
    onMissing: (missing: readonly Condition[]) => void,
  ) => () => void;
  readonly endMachine: (end: RebootCommand) => void;
}

interface Launch {
  readonly run: RunId;
  readonly kill: AbortController;
  readonly abandon: AbortController;
}

export class Interpreter {
  private readonly context: InterpreterContext;
  private readonly launchers = new Map<UnitId, Launcher>();
  private readonly pids = new Map<UnitId, { readonly run: RunId; readonly pid: number }>();

  private readonly launches = new Map<UnitId, Launch>();
  /** What ends each unit's look-out for what the machine must have. */
  private readonly lookouts = new Map<UnitId, () => void>();

  constructor(context: InterpreterContext) {
    this.context = context;
  }

  /** Must be called before the unit is added to the engine. */
  addUnit(id: UnitId, launcher: Launcher): void {
    this.launchers.set(id, launcher);
  }

  carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'unit.launch':
        void this.launch(effect.id, effect.run);
        return;
      case 'unit.abandon':
        this.launchOf(effect)?.abandon.abort(new Error('stopped while it was being started'));
        return;
      case 'unit.adopt':
        this.adopt(effect.id, effect.run, effect.pid);
        return;
      case 'unit.signal':
        this.toProcess(effect, (launcher, pid) => launcher.signal(pid, effect.signal));
        return;
      case 'unit.kill':
        // A runtime that hangs has no process yet that could be killed, and must not be waited for.
        this.launchOf(effect)?.kill.abort(new Error('not started in the time it was given'));
        this.toProcess(effect, (launcher, pid) => launcher.kill(pid));
        return;
      case 'unit.probe':
        void this.probe(effect.id, effect.run);
        return;
      case 'unit.await':
        this.lookOut(effect.id, effect.run, effect.conditions);
        return;
      case 'unit.remove':
        void this.remove(effect.id, effect.run);
        return;
      case 'timer.start': {
        const { id, run, timer } = effect;
        this.context.setTimer(effect.ms, () =>
          this.context.dispatch({ type: 'timer.fired', id, run, timer }),
        );
        return;
      }
      case 'machine.timer': {
        const { what } = effect;
        this.context.setTimer(effect.ms, () =>
          this.context.dispatch({ type: 'machine.overdue', what }),
        );
        return;
      }
      case 'machine.end':
        this.context.endMachine(effect.end);
    }
  }

  private adopt(id: UnitId, run: RunId, pid: number): void {
    this.pids.set(id, { run, pid });
    const exited = this.exitOf(id, run);
    const launcher = this.launchers.get(id);
    if (launcher === undefined) exited({ kind: 'lost' });
    else launcher.adopt(pid, { exited, ready: this.readyOf(id, run) });
  }

  private readyOf(id: UnitId, run: RunId): () => void {
    return () => this.context.dispatch({ type: 'unit.ready', id, run });
  }

  private exitOf(id: UnitId, run: RunId): (end: RunEnd) => void {
    return (end) => {
      this.forgetPid(id, run);
      this.context.dispatch({ type: 'unit.exited', id, run, end });
    };
  }

  /** Once a process is collected its pid may belong to somebody else: in the same tick, then. */
  private forgetPid(id: UnitId, run: RunId): void {
    if (this.pids.get(id)?.run === run) this.pids.delete(id);
  }

  private async launch(id: UnitId, run: RunId): Promise<void> {
    const { dispatch } = this.context;
    const [kill, abandon] = [new AbortController(), new AbortController()];
    this.launches.set(id, { run, kill, abandon });
    try {
      const launcher = this.launchers.get(id);
      if (launcher === undefined) throw new LaunchError('launch', 'no launcher for this unit');
      const report: LaunchReport = {
        held: (heldFor) => dispatch({ type: 'unit.held', id, run, heldFor }),
        step: (pid, step) => {
          this.pids.set(id, { run, pid });
          dispatch({ type: 'unit.step', id, run, pid, step });
        },
        stepEnded: () => this.forgetPid(id, run),
        created: (pid) => {
          this.pids.set(id, { run, pid });
          dispatch({ type: 'unit.created', id, run, pid });
        },
        ready: this.readyOf(id, run),
        exited: this.exitOf(id, run),
      };
      await launcher.launch(report, { kill: kill.signal, abandon: abandon.signal });
      dispatch({ type: 'unit.started', id, run });
    } catch (error) {
      const stage = error instanceof LaunchError ? error.stage : 'launch';
      dispatch({ type: 'unit.start-failed', id, run, stage, message: errorMessage(error) });
    } finally {
      if (this.launches.get(id)?.run === run) this.launches.delete(id);
    }
  }

  private launchOf({ id, run }: { readonly id: UnitId; readonly run: RunId }): Launch | undefined {
    const launch = this.launches.get(id);
    return launch?.run === run ? launch : undefined;
  }

  private async probe(id: UnitId, run: RunId): Promise<void> {
    const process = this.pids.get(id);
    const launcher = this.launchers.get(id);
    // It has ended meanwhile: nobody waits for this answer any more.
    if (launcher === undefined || process?.run !== run) return;
    const fromMs = performance.now();
    const { passed, output } = await launcher
      .probe(process.pid)
      .catch((error: unknown) => ({ passed: false, output: errorMessage(error) }));
    const tookMs = Math.round(performance.now() - fromMs);
    this.context.dispatch({ type: 'unit.probed', id, run, result: { tookMs, passed, output } });
  }

  private lookOut(id: UnitId, run: RunId, conditions: readonly Condition[]): void {
    this.lookouts.get(id)?.();
    this.lookouts.delete(id);
    if (conditions.length === 0) return;
    const stop = this.context.watchConditions(conditions, (missing) =>
      this.context.dispatch({ type: 'unit.missing', id, run, missing }),
    );
    this.lookouts.set(id, stop);
  }

  private toProcess(
    effect: { readonly id: UnitId; readonly run: RunId },
    act: (launcher: Launcher, pid: number) => void,
  ): void {
    const launcher = this.launchers.get(effect.id);
    const process = this.pids.get(effect.id);
    if (launcher === undefined || process?.run !== effect.run) return;
    try {
      act(launcher, process.pid);
    } catch (error) {
      // ESRCH: it ended by itself, and its exit is on the way.
      if (errnoCode(error) === 'ESRCH') return;
      this.context.record({ unit: effect.id, severity: 'error', text: errorMessage(error) });
    }
  }

  private async remove(id: UnitId, run: RunId): Promise<void> {
    try {
      await this.launchers.get(id)?.remove();
    } catch (error) {
      // The next launch removes leftovers once more; this one must not hold it up.
      const text = `leftovers remain: ${errorMessage(error)}`;
      this.context.record({ unit: id, severity: 'warning', text });
    }
    this.context.dispatch({ type: 'unit.removed', id, run });
  }
}
