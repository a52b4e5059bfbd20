/**
 * Carries out what the reducer orders. The one rule here: nothing throws towards the engine. Whatever
 * an effect runs into becomes a fact about the run it was ordered for.
 */
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import type { RebootCommand } from '../../sys/sys.ts';
import type { Fact } from '../engine.ts';
import type { Change, Effect } from '../service/effect.ts';
import type { RunEnd, RunId, UnitId } from '../service/state.ts';
import { LaunchError, type Launcher, type LaunchReport } from './launcher.ts';

export interface InterpreterContext {
  readonly dispatch: (fact: Fact) => void;
  readonly record: (change: Omit<Change, 'atMs'>) => void;
  readonly setTimer: (ms: number, fire: () => void) => void;
  readonly endMachine: (end: RebootCommand) => void;
}

export class Interpreter {
  private readonly context: InterpreterContext;
  private readonly launchers = new Map<UnitId, Launcher>();
  private readonly pids = new Map<UnitId, { readonly run: RunId; readonly pid: number }>();

  private readonly launches = new Map<
    UnitId,
    { readonly run: RunId; readonly abort: AbortController }
  >();

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
      case 'unit.adopt':
        this.adopt(effect.id, effect.run, effect.pid);
        return;
      case 'unit.signal':
        this.toProcess(effect, (launcher, pid) => launcher.signal(pid, effect.signal));
        return;
      case 'unit.kill':
        this.giveUpLaunch(effect.id, effect.run);
        this.toProcess(effect, (launcher, pid) => launcher.kill(pid));
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
      case 'machine.end-timer':
        this.context.setTimer(effect.ms, () =>
          this.context.dispatch({ type: 'machine.end-overdue' }),
        );
        return;
      case 'machine.end':
        this.context.endMachine(effect.end);
    }
  }

  private adopt(id: UnitId, run: RunId, pid: number): void {
    this.pids.set(id, { run, pid });
    const exited = this.exitOf(id, run);
    const launcher = this.launchers.get(id);
    if (launcher === undefined) exited({ kind: 'lost' });
    else launcher.adopt(pid, { exited });
  }

  private exitOf(id: UnitId, run: RunId): (end: RunEnd) => void {
    return (end) => {
      // From here on the pid may belong to somebody else: forget it in the same tick.
      if (this.pids.get(id)?.run === run) this.pids.delete(id);
      this.context.dispatch({ type: 'unit.exited', id, run, end });
    };
  }

  private async launch(id: UnitId, run: RunId): Promise<void> {
    const { dispatch } = this.context;
    const abort = new AbortController();
    this.launches.set(id, { run, abort });
    try {
      const launcher = this.launchers.get(id);
      if (launcher === undefined) throw new LaunchError('launch', 'no launcher for this unit');
      const report: LaunchReport = {
        held: (heldFor) => dispatch({ type: 'unit.held', id, run, heldFor }),
        created: (pid) => {
          this.pids.set(id, { run, pid });
          dispatch({ type: 'unit.created', id, run, pid });
        },
        exited: this.exitOf(id, run),
      };
      await launcher.launch(report, abort.signal);
      dispatch({ type: 'unit.started', id, run });
    } catch (error) {
      const stage = error instanceof LaunchError ? error.stage : 'launch';
      dispatch({ type: 'unit.start-failed', id, run, stage, message: errorMessage(error) });
    } finally {
      if (this.launches.get(id)?.run === run) this.launches.delete(id);
    }
  }

  /** A runtime that hangs has no process yet that could be killed, and must not be waited for. */
  private giveUpLaunch(id: UnitId, run: RunId): void {
    const launch = this.launches.get(id);
    if (launch?.run === run) launch.abort.abort(new Error('not started in the time it was given'));
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
