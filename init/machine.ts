/**
 * PID 1's parts put together, and the order in which they come alive. No logic of its own: what is
 * decided is decided in the boot plan, the reducer and the steps.
 */
import { readFileSync } from 'node:fs';
import { findRuntime } from '../runc-shim/find-runtime.ts';
import { RUNTIME_STATE } from '../runc-shim/runc/client.ts';
import { errorMessage } from '../sys/errno.ts';
import { createLinuxSys } from '../sys/linux/linux-sys.ts';
import type { Sys } from '../sys/sys.ts';
import { v8Heap } from '../sys/v8-heap.ts';
import { machineSights } from '../supervisor/conditions/machine-sights.ts';
import { watchConditions } from '../supervisor/conditions/watch-conditions.ts';
import { createMachinePort } from '../supervisor/control/machine-port.ts';
import { serveMachine } from '../supervisor/control/serve-machine.ts';
import { Engine } from '../supervisor/engine.ts';
import { EventRecord } from '../supervisor/event-record.ts';
import { History } from '../supervisor/history.ts';
import { Interpreter } from '../supervisor/interpreter/interpreter.ts';
import { writeHistory } from '../supervisor/log/history-file.ts';
import { watchKernelLog } from '../supervisor/log/kernel-log.ts';
import { kernelOptionWarnings } from '../supervisor/linuxkit/kernel-options.ts';
import { LogBook } from '../supervisor/log/log-book.ts';
import type { Manifest } from '../supervisor/manifest.ts';
import type { Change, Effect } from '../supervisor/service/effect.ts';
import { restore, type Restored } from '../supervisor/service/restore.ts';
import { isSettled, isWell, settledSummary } from '../supervisor/service/settled.ts';
import type { Supervisor } from '../supervisor/service/state.ts';
import { BootRecord, monotonicMs } from './boot-record.ts';
import { doStep } from './boot/do-step.ts';
import { type BootPhase, planBoot } from './boot/plan.ts';
import { type DoStep, runPhase } from './boot/run-plan.ts';
import { setSystemWeight } from './boot/steps/cgroups.ts';
import { createModuleLoader } from './boot/steps/modules.ts';
import { writeKnownSysctls } from './boot/steps/sysctl.ts';
import { mountVolumes } from './boot/steps/volumes.ts';
import { createProcessSpawner } from './child-processes.ts';
import { type ContainerdEngine, createContainerdEngine, shimStateOf } from './containerd/engine.ts';
import { forgetExits, readExits } from './emergency/inherited-exits.ts';
import { containersById, createExecs, createUpdates } from './exec-sessions.ts';
import { DiskLinks } from './disk-links/disk-links.ts';
import { hasTrouble } from './first-need.ts';
import { currentGeneration, rememberGeneration } from './generation.ts';
import type { Generation } from './generation-plan.ts';
import { watchHotplug } from './hotplug.ts';
import { isOnTrial, watchTrial } from './image-trial.ts';
import { watchPowerButtons } from './power-button.ts';
import { linkLogs } from './linuxkit/link-logs.ts';
import { readManifest } from './read-manifest.ts';
import { type Reaper, startReaper } from './reaper.ts';
import { checkRoot, rememberedProblem, rememberProblem, withoutUnits } from './root-check.ts';
import { endMachine } from './shutdown/end-machine.ts';
import { isUnseen, lastWords, sayThroughKernel } from './shutdown/last-words.ts';
import { createStateKeeper, readSavedState } from './saved-state.ts';
import { spareMemory } from './spare-memory.ts';
import { listenForEndRequests } from './signals.ts';
import { INIT_PATH, surviveFaults } from './survival.ts';
import { addContainerd, addContainerUnits, addSystemUnits, cgroupFinder } from './units.ts';
import { createWatchdog, keepFeeding, type Watchdog } from './watchdog.ts';

export interface Machine {
  readonly sys: Sys;
  readonly manifest: Manifest;
  readonly generation: Generation;
  readonly record: BootRecord;
  readonly history: History;
  readonly engine: Engine;
  readonly events: EventRecord;
  readonly interpreter: Interpreter;
  readonly reaper: Reaper;
  readonly watchdog: Watchdog;
  readonly logs: LogBook;
  readonly containerd: ContainerdEngine;
  readonly diskLinks: DiskLinks;
  /** What of the initrd did not arrive, in words. */
  readonly rootProblem: string | undefined;
  /** What to do first about what an earlier generation has left. */
  readonly takeOver: readonly Effect[];
  readonly tell: (severity: Change['severity'], text: string) => void;
  /** Resolves when the boot has settled; at once when it had before PID 1 was executed again. */
  readonly settled: Promise<void>;
}

export function runMachine(): void {
  const record = new BootRecord();
  record.mark('exec', monotonicMs() - performance.now());
  record.mark('script');
  const history = new History();
  const tell: Machine['tell'] = (severity, text) =>
    history.add({ atMs: monotonicMs(), unit: 'machine', severity, text });
  const ancestry = surviveFaults((text) => tell('error', `fault in PID 1: ${text}`));

  const sys = createLinuxSys();
  const generation = currentGeneration(monotonicMs(), ancestry);
  // At once: a generation that dies before it is written down would never be counted.
  if (generation.number > 0) keepGeneration(generation, tell);
  const ground = { sys, record, history, generation, tell };
  switch (generation.mode) {
    case 'normal':
      void boot(assemble(ground));
      return;
    case 'emergency':
      void startEmergency(ground);
      return;
    case 'given up':
      // Executing again does not help any more. The kernel starts over from nothing, which may.
      sys.sync();
      sys.reboot('reboot');
  }
}

/** Loaded only now: nothing of it is in the memory of a PID 1 that is well. */
async function startEmergency(ground: Ground): Promise<void> {
  const { runEmergency } = await import('./emergency/run-emergency.ts');
  await runEmergency(ground);
}

function keepGeneration(generation: Generation, tell: Machine['tell']): void {
  try {
    rememberGeneration(generation);
  } catch (error) {
    tell('error', `the generation cannot be remembered: ${errorMessage(error)}`);
  }
}

export type Ground = Pick<Machine, 'sys' | 'record' | 'history' | 'generation' | 'tell'>;

function assemble(ground: Ground): Machine {
  const { sys, record, history, generation, tell } = ground;
  const problem = generation.number === 0 ? checkRoot() : rememberedProblem();
  if (problem !== undefined) tell('error', problem);
  const manifest = problem === undefined ? readManifest(tell) : withoutUnits(readManifest(tell));
  const interpreter: Interpreter = new Interpreter({
    dispatch: (fact) => engine.dispatch(fact),
    record: (change) => history.add({ atMs: monotonicMs(), ...change }),
    setTimer: (ms, fire) => setTimeout(fire, ms),
    watchConditions: (conditions, onMissing) =>
      watchConditions(conditions, machineSights(sys), onMissing),
    endMachine(end) {
      const isOver = record.report().milestones['settled'] !== undefined;
      if (isUnseen(engine.state, { isOver, hasTrouble: hasTrouble(history) })) sayUnseen(ground);
      void endMachine(sys, end, tell, watchdog);
    },
  });
  const restored = restoreState(ground);
  const settling = Promise.withResolvers<void>();
  const diskLinks = new DiskLinks('', tell);
  const events = new EventRecord({ nowMs: monotonicMs, generation: ground.generation.number });
  const engine: Engine = new Engine(
    {
      nowMs: monotonicMs,
      carryOut: (effect) => interpreter.carryOut(effect),
      record: (change) => history.add(change),
      receive(event, before) {
        events.add(event, before);
        // A file system that a task has made on a disk is no event of the kernel's.
        if (event.type === 'unit.exited' && before.phase === 'onboot') diskLinks.refresh();
      },
      observe: (supervisor) => {
        followBoot(ground, supervisor, {
          onServices: () => linkLogs(manifest, tell),
          onSettled: () => settling.resolve(),
        });
        keepState();
      },
    },
    restored?.supervisor,
  );
  if (record.report().milestones['settled'] !== undefined) settling.resolve();
  const keepState = createStateKeeper(
    () => ({ supervisor: engine.state, boot: record.report() }),
    tell,
  );
  const watchdog = createWatchdog({
    sys,
    device: '/dev/watchdog',
    // A fact about nobody: nothing changes, but the reducer must have been through it.
    ask: () => engine.dispatch({ type: 'unit.removed', id: '', run: 0 }),
    tell,
  });
  const effects = restored?.effects ?? [];
  const reaper = startReaper(sys, {
    expected: new Set(effects.flatMap((each) => (each.type === 'unit.adopt' ? [each.pid] : []))),
    collected: generation.number === 0 ? new Map() : readExits(),
  });
  const logs = new LogBook();
  const containerd = createContainerdEngine();
  const { promise: settled } = settling;
  const parts = {
    interpreter,
    engine,
    events,
    reaper,
    watchdog,
    logs,
    containerd,
    settled,
    diskLinks,
  };
  const machine = { ...ground, ...parts };
  return { ...machine, manifest, takeOver: effects, rootProblem: problem };
}

function sayUnseen({ history, tell }: Ground): void {
  try {
    sayThroughKernel(lastWords(history.recent(Number.MAX_SAFE_INTEGER)));
  } catch (error) {
    tell('error', `the last words cannot be said: ${errorMessage(error)}`);
  }
}

/** The state of the generation before, its boot report taken over; `undefined` on a cold boot. */
function restoreState({ generation, record, tell }: Ground): Restored | undefined {
  const saved = generation.number === 0 ? undefined : readSavedState(tell);
  if (saved === undefined) return undefined;
  record.takeOver(saved.boot);
  return restore(saved.supervisor, monotonicMs());
}

/** Each stage for itself: a machine whose services cannot start can still be looked into and ended. */
async function boot(machine: Machine): Promise<void> {
  const { engine, sys } = machine;
  await stage(machine, 'signals', () => {
    listenForEndRequests(sys, (end, by) =>
      engine.dispatch({ type: 'machine.end-requested', end, by }),
    );
  });
  let devicesReady = Promise.resolve();
  await stage(machine, 'boot', async () => {
    devicesReady = (await bootKernelSide(machine)).devicesReady;
  });
  await stage(machine, 'power button', () => {
    const by = 'the power button';
    const press = (): void =>
      engine.dispatch({ type: 'machine.end-requested', end: 'poweroff', by });
    watchPowerButtons(press, machine.tell);
  });
  await stage(machine, 'volumes', () => {
    if (machine.generation.number === 0) mountVolumes(sys, machine.manifest.volumes ?? []);
  });
  await stage(machine, 'kernel options', () => tellKernelOptions(machine));
  await stage(machine, 'units', () => addContainerUnits(machine, devicesReady));
  for (const effect of machine.takeOver) machine.interpreter.carryOut(effect);
  engine.dispatch({ type: 'boot.finished' });
  await stage(machine, 'control API', () => serveControl(machine));
  if (machine.generation.number > 0) forgetExits();
  await devicesReady;
  void machine.settled.then(() => stage(machine, 'hardening', () => closeModules(machine)));
  // Its buffer keeps what it has said so far, and services come first.
  await stage(machine, 'kernel log', () =>
    machine.logs.setMachineLog('kernel', watchKernelLog({ nowMs: monotonicMs }).ring),
  );
  await stage(machine, 'watchdog', () => keepFeeding(machine.watchdog));
  await stage(machine, 'memory', () => spareMemory(sys, v8Heap));
  await stage(machine, 'consoles', () => addSystemUnits(machine));
  await stage(machine, 'trial', () => beginTrial(machine));
}

/** Only where the boot manager counts the tries of this image. */
function beginTrial({ manifest, reaper, engine, tell }: Machine): void {
  if (!isOnTrial(manifest)) return;
  watchTrial({
    spawner: createProcessSpawner(reaper),
    tell,
    reboot: (by) => engine.dispatch({ type: 'machine.end-requested', end: 'reboot', by }),
  });
}

/** What must stay open for as long as the boot goes on. */
function closeModules({ manifest, tell }: Machine): void {
  const missing = writeKnownSysctls('', manifest.hardening?.whenSettled ?? {});
  if (missing !== undefined) tell('info', `hardening: ${missing}`);
}

/** Of LinuxKit, for whose builder's images they are meant. */
function tellKernelOptions({ manifest, generation, tell }: Machine): void {
  if (manifest.from !== 'linuxkit' || generation.number > 0) return;
  const cmdline = readFileSync('/proc/cmdline', 'utf8');
  for (const warning of kernelOptionWarnings(cmdline)) tell('warning', warning);
}

async function stage(
  machine: Machine,
  name: string,
  run: () => void | Promise<void>,
): Promise<void> {
  try {
    await run();
  } catch (error) {
    machine.tell('error', `${name}: ${errorMessage(error)}`);
  }
}

/** Resolves when containers can be created; `devicesReady` when their programs may start. */
async function bootKernelSide(machine: Machine): Promise<{ devicesReady: Promise<void> }> {
  const { sys, manifest, generation, diskLinks, tell } = machine;
  const modules = createModuleLoader(sys, '');
  const reExecuted = generation.number > 0;
  if (reExecuted) tell('warning', whyAgain(generation));
  const perform = doStep.bind(undefined, { sys, root: '', modules, diskLinks, tell });
  const { name: imageName, panicTimeout, hardening } = manifest;
  const hasUpdates = manifest.updates !== undefined;
  const plan = planBoot({ imageName, panicTimeout, hardening, hasUpdates, reExecuted });
  for (const phase of plan.filter(({ besideCreation }) => besideCreation !== true)) {
    await performPhase(machine, phase, perform);
    // As soon as there is a /run: what dies later has a record to be counted in.
    if (phase.name === 'mounts') {
      keepGeneration(generation, tell);
      await stage(machine, 'root', () => rememberProblem(machine.rootProblem));
    }
    if (phase.daemonsAfter === true) {
      await stage(machine, 'containerd', () => addContainerd(machine));
    }
  }
  machine.logs.setMachineLog('ishmael', writeHistory(machine.history, monotonicMs));
  machine.events.begin();
  const later = plan.filter(({ besideCreation }) => besideCreation === true);
  const devicesReady = Promise.all(later.map((phase) => performPhase(machine, phase, perform)));
  watchHotplug(sys, modules, diskLinks, tell);
  return { devicesReady: devicesReady.then(() => undefined) };
}

function whyAgain({ number, deaths }: Generation): string {
  const how = deaths.at(-1)?.how ?? 'a person has resumed it';
  return `PID 1 was executed again (generation ${number}): ${how}`;
}

async function performPhase(
  { record, tell }: Machine,
  phase: BootPhase,
  perform: DoStep,
): Promise<void> {
  const report = await runPhase(phase, perform, monotonicMs);
  record.addPhase(report);
  if (phase.name === 'mounts') record.mark('mounts');
  for (const { name, outcome, detail } of report.steps) {
    if (outcome === 'failed') tell('error', `boot step ${name}: ${detail}`);
  }
}

async function serveControl(machine: Machine): Promise<void> {
  const { sys, engine, history, logs, record, reaper, generation, manifest } = machine;
  const port = createMachinePort({
    sys,
    imageName: manifest.name,
    generation: generation.number,
    engine,
    history,
    logs,
    boot: () => record.report(),
    nowMs: monotonicMs,
    orphansReaped: () => reaper.orphans,
    cgroupOf: cgroupFinder(manifest),
    exec: execsOf(machine),
    update: createUpdates({
      spawner: createProcessSpawner(reaper),
      helper: EXEC_HELPER,
      terms: manifest.updates,
      warn: (text) => machine.tell('warning', text),
    }),
  });
  await serveMachine(port);
}

const EXEC_HELPER = { file: INIT_PATH, args: ['exec-helper'] } as const;

function execsOf({ manifest, reaper, history }: Machine): ReturnType<typeof createExecs> {
  const containers = containersById(manifest);
  return createExecs({
    spawner: createProcessSpawner(reaper),
    helper: EXEC_HELPER,
    binary: findRuntime(),
    stateDirOf: (id) => stateDirOf(manifest, id),
    containerOf: (id) => containers.get(id),
    warn: (unit, text) => history.add({ atMs: monotonicMs(), unit, severity: 'warning', text }),
  });
}

/** Where the OCI runtime finds the container of a unit. */
function stateDirOf({ services }: Manifest, id: string): string {
  const service = services.find(({ name, engine }) => name === id && engine === 'containerd');
  return service === undefined ? RUNTIME_STATE : shimStateOf(service);
}

/** Notes how far the machine has come, for the boot report and for a next generation. */
function followBoot(
  { record, tell }: Ground,
  supervisor: Supervisor,
  { onServices, onSettled }: { readonly onServices: () => void; readonly onSettled: () => void },
): void {
  if (supervisor.phase === 'services' && record.mark('services')) onServices();
  if (isSettled(supervisor) && record.mark('settled')) {
    const severity = isWell(supervisor) ? 'info' : 'warning';
    tell(severity, `boot has settled: ${settledSummary(supervisor)}`);
    setSystemWeight('', 'life');
    onSettled();
  }
}
