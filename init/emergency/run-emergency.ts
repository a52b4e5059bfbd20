/**
 * PID 1 after it has died five times within a minute: alive, and hardly more. The supervisor, its state
 * and the runtime are left alone, because one of them may be what kills it. Containers run on as they
 * are. What is here is what a person needs to look at the machine and to decide:
 *
 *   reaper               zombies go; how containers end is written down for the generation after
 *   logs                 are read on, because a program that cannot write its log stops; but not any more
 *                        once an emergency has died as well
 *   consoles, bridge     processes of their own, as always
 *   control API          what is, what was; resume, reboot, poweroff
 *   signals, button      end the machine
 *   trial                an image that is on trial has failed: the machine is started again
 *   hardware watchdog    fed, as long as the event loop turns: the person at the console is not cut off,
 *                        and a PID 1 that hangs or is gone still ends in a reset
 *
 * Each part for itself: one that fails is told and left out.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '../../sys/errno.ts';
import { describeExit, type Exit } from '../../sys/exit.ts';
import type { RebootCommand, Sys } from '../../sys/sys.ts';
import type { EmergencyReport } from '../../supervisor/control/api.ts';
import { serveMachine } from '../../supervisor/control/serve-machine.ts';
import { processLauncher } from '../../supervisor/interpreter/process-unit.ts';
import { writeHistory } from '../../supervisor/log/history-file.ts';
import { watchKernelLog } from '../../supervisor/log/kernel-log.ts';
import { LogBook } from '../../supervisor/log/log-book.ts';
import { LOG_DIR, LogFile } from '../../supervisor/log/log-file.ts';
import type { Manifest } from '../../supervisor/manifest.ts';
import { monotonicMs } from '../boot-record.ts';
import { endOwnProcesses } from '../boot/steps/own-processes.ts';
import { createProcessSpawner } from '../child-processes.ts';
import { isOnTrial } from '../image-trial.ts';
import type { Ground } from '../machine.ts';
import { watchPowerButtons } from '../power-button.ts';
import { readManifest } from '../read-manifest.ts';
import { type Reaper, startReaper } from '../reaper.ts';
import { endMachine } from '../shutdown/end-machine.ts';
import { listenForEndRequests } from '../signals.ts';
import { resumeNormally } from '../survival.ts';
import { systemUnits } from '../system-units.ts';
import { openUnitLog } from '../unit-logs.ts';
import { createWatchdog, keepFeeding, type Watchdog } from '../watchdog.ts';
import { cgroupOf, containerStatus, findContainers, type FoundContainer } from './containers.ts';
import { createEmergencyPort } from './emergency-port.ts';
import { readExits, writeExits } from './inherited-exits.ts';
import { keepProcess } from './keep-process.ts';

/** What fits above the prompt of a terminal with 24 lines, roughly. */
const LOG_TAIL_LINES = 12;
const LOG_TAIL_BYTES = 4096;
/** For containers to end by themselves before everything is killed. */
const GRACE_MS = 10_000;
const GRACE_STEP_MS = 100;
/** For the answer to reach whoever has asked. */
const LAST_WORDS_MS = 200;

/** Nobody is there to decide, and another image is. */
const TRIAL_FAILED = 'the trial of this image, in which PID 1 has died again and again';

interface Ends {
  readonly exit: Exit;
  readonly atMs: number;
}

interface Emergency extends Ground {
  readonly reaper: Reaper;
  readonly watchdog: Watchdog;
  readonly report: EmergencyReport;
  readonly imageName: string;
  readonly containers: readonly FoundContainer[];
  readonly ends: Map<number, Ends>;
  readonly logs: LogBook;
}

export async function runEmergency(ground: Ground): Promise<void> {
  const { sys, history, tell, generation } = ground;
  const { deaths } = generation;
  const report = { deaths, log: logTail() };
  const logs = new LogBook();
  part(ground, 'log', () => logs.setMachineLog('ishmael', writeHistory(history, monotonicMs)));
  tell(
    'error',
    `emergency mode (generation ${generation.number}): PID 1 has died ${deaths.length} times, of ${deaths.at(-1)?.how ?? 'old age'} last`,
  );
  part(ground, 'own processes', () => endOwnProcesses(sys, ''));
  const reaper = startReaper(sys);
  const manifest = readManifest(tell);
  const collected = readExits();
  // A pid that an emergency before this one has collected may be somebody else's by now.
  const runs = (pid: number): boolean => !collected.has(pid) && isAlive(sys, pid);
  const containers = findContainers(manifest, runs);
  const watchdog = createWatchdog({
    sys,
    device: '/dev/watchdog',
    ask: () => undefined,
    tell,
  });
  const emergency: Emergency = {
    ...ground,
    reaper,
    watchdog,
    report,
    imageName: manifest.name,
    containers,
    ends: new Map(),
    logs,
  };
  part(ground, 'containers', () => watchContainers(emergency, collected));
  part(ground, 'watchdog', () => keepFeeding(watchdog));
  part(ground, 'signals', () => listenForEndRequests(sys, (end, by) => endAll(emergency, end, by)));
  part(ground, 'power button', () =>
    watchPowerButtons(() => endAll(emergency, 'poweroff', 'the power button'), tell),
  );
  if (deaths.every(({ mode }) => mode === 'normal'))
    part(ground, 'logs', () => readLogs(emergency));
  part(ground, 'kernel log', () =>
    logs.setMachineLog('kernel', watchKernelLog({ nowMs: monotonicMs }).ring),
  );
  await serve(emergency).catch((error: unknown) =>
    tell('error', `control API: ${errorMessage(error)}`),
  );
  part(ground, 'consoles', () => keepConsoles(emergency, manifest));
  part(ground, 'trial', () => {
    if (isOnTrial(manifest)) endAll(emergency, 'reboot', TRIAL_FAILED);
  });
}

function part({ tell }: Ground, name: string, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    tell('error', `${name}: ${errorMessage(error)}`);
  }
}

function logTail(): string[] {
  const lines = new LogFile(`${LOG_DIR}/ishmael.log`).tail(LOG_TAIL_BYTES).trimEnd().split('\n');
  return lines.filter((line) => line !== '').slice(-LOG_TAIL_LINES);
}

function isAlive(sys: Sys, pid: number): boolean {
  try {
    sys.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Exits that an emergency before this one has collected stay in the record. */
function watchContainers(
  { reaper, containers, ends, tell }: Emergency,
  earlier: ReadonlyMap<number, Exit>,
): void {
  const collected = new Map(earlier);
  for (const { id, pid } of containers) {
    reaper.watch(pid, (exit) => {
      ends.set(pid, { exit, atMs: monotonicMs() });
      collected.set(pid, exit);
      tell('warning', `${id}: ${describeExit(exit)}`);
      try {
        writeExits(collected);
      } catch (error) {
        tell('error', `${id}: its exit cannot be kept: ${errorMessage(error)}`);
      }
    });
  }
}

function readLogs({ sys, containers, logs }: Emergency): void {
  for (const container of containers) {
    const { id, log } = container;
    logs.set(id, openUnitLog(sys, id, cgroupOf(container), log).ring);
  }
}

async function serve(emergency: Emergency): Promise<void> {
  const { generation, containers, ends, reaper, tell } = emergency;
  const sinceMs = monotonicMs();
  const port = createEmergencyPort({
    ...emergency,
    generation: generation.number,
    units: () =>
      containers.map((container) => containerStatus(container, sinceMs, ends.get(container.pid))),
    orphansReaped: () => reaper.orphans,
    end: (end, by) => endAll(emergency, end, by),
    resume() {
      tell('info', 'resume requested by the control API');
      setTimeout(resumeNormally, LAST_WORDS_MS);
    },
  });
  await serveMachine(port);
}

function keepConsoles({ sys, reaper, tell }: Emergency, manifest: Manifest): void {
  const context = { sys, spawner: createProcessSpawner(reaper), cgroupsPath: '/system' };
  for (const { id, program } of systemUnits(sys, manifest)) {
    const warn = (text: string): void => tell('warning', `${id}: ${text}`);
    void keepProcess(id, processLauncher({ ...context, warn }, program), tell);
  }
}

let isEnding = false;

/** Containers get their stop signal and one grace time together; what is left dies with everything. */
function endAll(emergency: Emergency, end: RebootCommand, by: string): void {
  const { sys, tell, watchdog } = emergency;
  if (isEnding) return;
  isEnding = true;
  tell('info', `${end} requested by ${by}`);
  void stopContainers(emergency).finally(() => void endMachine(sys, end, tell, watchdog));
}

async function stopContainers({ sys, containers, ends, tell }: Emergency): Promise<void> {
  const running = containers.filter(({ pid }) => !ends.has(pid));
  for (const { id, pid, stopSignal } of running) {
    try {
      sys.kill(pid, stopSignal);
    } catch (error) {
      tell('warning', `${id}: ${errorMessage(error)}`);
    }
  }
  for (let waitedMs = 0; waitedMs < GRACE_MS; waitedMs += GRACE_STEP_MS) {
    if (running.every(({ pid }) => ends.has(pid))) return;
    await delay(GRACE_STEP_MS);
  }
}
