/**
 * A program, not a library: services that end again and again, by the thousand, in the supervisor as PID 1
 * has it (engine, interpreter, history, record of events, logs, kept state), with launchers that start
 * nothing and a clock that waits for nobody. Prints as JSON what that left behind.
 *
 *   node simulated-exits.ts DIRECTORY '{"services":20,"everyMs":60000,"stops":[1000,100000]}'
 */
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { BootRecord } from '../../init/boot-record.ts';
import { createStateKeeper } from '../../init/saved-state.ts';
import { Engine } from '../../supervisor/engine.ts';
import { EventRecord } from '../../supervisor/event-record.ts';
import { History } from '../../supervisor/history.ts';
import { Interpreter } from '../../supervisor/interpreter/interpreter.ts';
import type { Launcher } from '../../supervisor/interpreter/launcher.ts';
import { writeHistory } from '../../supervisor/log/history-file.ts';
import { LogFile } from '../../supervisor/log/log-file.ts';
import { UnitLog } from '../../supervisor/log/unit-log.ts';
import { DEFAULT_SERVICE_POLICY } from '../../supervisor/service/policy.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import { v8Heap } from '../../sys/v8-heap.ts';
import { VirtualTimers } from './virtual-timers.ts';

export interface ExitsRequest {
  readonly services: number;
  /** How long each service runs before it ends, all of them at once. */
  readonly everyMs: number;
  /** After so many exits in all the process is looked at; the last one ends it. */
  readonly stops: readonly number[];
}

export interface ExitsReport {
  readonly looks: readonly {
    readonly exits: number;
    readonly rssAnonKiB: number;
    /** What V8 has objects in. */
    readonly heapUsedKiB: number;
    readonly openFiles: number;
  }[];
  /** All services and `ishmael.log` together, and what one service may have at most. */
  readonly historyEntries: number;
  readonly eventBytes: number;
  readonly largestLogBytes: number;
  readonly stateBytes: number;
  /** From the oldest event that is still recorded to the newest, by the simulated clock. */
  readonly recordedMs: number;
  readonly simulatedMs: number;
}

const [directory = '', text = '{}'] = process.argv.slice(2);
const request = JSON.parse(text) as ExitsRequest;
const sys = createLinuxSys();
const clock = new VirtualTimers();
const nowMs = (): number => clock.nowMs;
const history = new History();
const boot = new BootRecord();
/** Long enough for the ring of a log to be full before the first look. */
const WORDS = 'what a program says before it ends '.repeat(30);
const seen = { exits: 0, underWay: 0 };
/** V8 keeps pages that it has freed for a while. */
const POOL_MS = 10_000;

const interpreter: Interpreter = new Interpreter({
  dispatch: (fact) => {
    // Nothing here can fail but this program, and then it must not go on with failures for ever.
    if (fact.type === 'unit.start-failed') throw new Error(fact.message);
    engine.dispatch(fact);
  },
  record: (change) => history.add({ atMs: nowMs(), ...change }),
  setTimer: (ms, fire) => clock.set(ms, fire),
  watchConditions: () => () => {},
  endMachine: () => {},
});
const path = join(directory, 'events.jsonl');
const events = new EventRecord({ nowMs, generation: 0, path });
const engine: Engine = new Engine({
  nowMs,
  carryOut: (effect) => interpreter.carryOut(effect),
  record: (change) => history.add(change),
  receive: (event, before) => events.add(event, before),
  observe: () => keepState(),
});
const keepState = createStateKeeper(
  () => ({ supervisor: engine.state, boot: boot.report() }),
  (severity, told) => history.add({ atMs: nowMs(), unit: 'machine', severity, text: told }),
  join(directory, 'state.json'),
);

const printed = JSON.stringify(await simulate());
// The logs are still open for reading, and would keep this process for ever.
process.stdout.write(printed, () => process.exit());

async function simulate(): Promise<ExitsReport> {
  events.begin();
  writeHistory(history, nowMs, new LogFile(join(directory, 'ishmael.log')));
  for (let index = 0; index < request.services; index += 1) addService(`service-${index}`);
  engine.dispatch({ type: 'boot.finished' });
  const looks: ExitsReport['looks'][number][] = [];
  for (const stop of request.stops) {
    while (seen.exits < stop) {
      // Launches go on in promises, and the state is written once per turn of the event loop.
      do await turn();
      while (seen.underWay > 0);
      if (!clock.advance()) throw new Error('Nothing is going to happen any more');
    }
    looks.push(await look());
  }
  return { looks, ...kept() };
}

function addService(id: string): void {
  const log = UnitLog.open({
    sys,
    fifoDir: join(directory, 'fifo', id),
    fileDir: join(directory, 'log', id),
    nowMs,
  });
  interpreter.addUnit(id, endingLauncher(log));
  const description = { id, name: id, image: 'test/plain', kind: 'service' } as const;
  engine.dispatch({ type: 'unit.added', unit: { ...description, policy: DEFAULT_SERVICE_POLICY } });
}

/** Its process writes a line and ends some time after its start, badly every other time. */
function endingLauncher(log: UnitLog): Launcher {
  let pid = 1;
  return {
    launch: async (report) => {
      pid += 1;
      // At once, where the real ones take a thread: a turn of the event loop is all that passes between two ends.
      const stdout = openSync(log.outputPaths.stdout, 'r+');
      writeSync(stdout, `run ${pid}: ${WORDS}\n`);
      closeSync(stdout);
      report.created(pid);
      clock.set(request.everyMs, () => {
        seen.exits += 1;
        report.exited({ kind: 'exited', code: seen.exits % 2 });
      });
      await Promise.resolve();
    },
    adopt: () => {},
    probe: async () => Promise.resolve({ passed: true, output: '' }),
    signal: () => {},
    kill: () => {},
    // A thread reads what is left, and takes the time that it takes.
    remove: async () => {
      seen.underWay += 1;
      await log.flush();
      seen.underWay -= 1;
    },
  };
}

async function look(): Promise<ExitsReport['looks'][number]> {
  // As spareMemory() does in PID 1, by a clock that is not this one.
  v8Heap.collect();
  await delay(POOL_MS);
  sys.trimHeap();
  const status = readFileSync('/proc/self/status', 'utf8');
  return {
    exits: seen.exits,
    rssAnonKiB: Number(/^RssAnon:\s*(\d+)/m.exec(status)?.[1]),
    heapUsedKiB: process.memoryUsage().heapUsed / 1024,
    openFiles: readdirSync('/proc/self/fd').length,
  };
}

function kept(): Omit<ExitsReport, 'looks'> {
  const files = readdirSync(directory).filter((name) => name.startsWith('events.jsonl'));
  const bytes = (paths: readonly string[]): number =>
    paths.reduce((sum, file) => sum + statSync(file).size, 0);
  const logs = readdirSync(join(directory, 'log')).map((id) => {
    const folder = join(directory, 'log', id);
    return bytes(readdirSync(folder).map((name) => join(folder, name)));
  });
  return {
    historyEntries: history.recent(Number.MAX_SAFE_INTEGER).length,
    eventBytes: bytes(files.map((name) => join(directory, name))),
    largestLogBytes: Math.max(...logs),
    stateBytes: statSync(join(directory, 'state.json')).size,
    recordedMs: nowMs() - oldestEventMs(files),
    simulatedMs: nowMs(),
  };
}

function oldestEventMs(files: readonly string[]): number {
  const times = files.map((name) => {
    const content = readFileSync(join(directory, name));
    const recording = (name.endsWith('.gz') ? gunzipSync(content) : content).toString();
    return Number(/"atMs":([\d.]+)/.exec(recording)?.[1]);
  });
  return Math.min(...times);
}
