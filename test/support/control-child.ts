/**
 * A control server in a process of its own, as PID 1 has it, with services that run and say something now
 * and then. Tells how late its timers are and how much memory it takes: `node control-child.ts PATH SERVICES`
 * with an IPC channel.
 */
import { createMachinePort } from '../../supervisor/control/machine-port.ts';
import { startControlServer } from '../../supervisor/control/server.ts';
import { Engine } from '../../supervisor/engine.ts';
import { History } from '../../supervisor/history.ts';
import { LogBook } from '../../supervisor/log/log-book.ts';
import { LogRing } from '../../supervisor/log/ring.ts';
import { DEFAULT_SERVICE_POLICY } from '../../supervisor/service/policy.ts';
import { FakeSys } from './fake-sys.ts';

/** Of the time since the report before; the child sends one for each message. */
export interface ControlChildReport {
  /** How much later than it should a timer of 10 ms has come. */
  readonly lateMs: number;
  /** How much of that it had worked itself meanwhile: other programs of a busy machine are not its fault. */
  readonly ownLateMs: number;
  readonly rssKiB: number;
  readonly heapKiB: number;
  /** Of this process, in the same time. */
  readonly cpuMs: number;
  readonly connections: number;
}

const TIMER_MS = 10;
/** Of each service a line, this often. */
const LINE_MS = 100;

const [path = '', count = '1'] = process.argv.slice(2);
const history = new History();
const nowMs = (): number => performance.now();
const engine = new Engine({
  nowMs,
  carryOut() {},
  observe() {},
  record: (change) => history.add(change),
});
const ids = Array.from({ length: Number(count) }, (_, index) => `service-${index}`);
const rings = ids.map(() => new LogRing());
const logs = new LogBook();
for (const [index, id] of ids.entries()) {
  logs.set(id, rings[index] ?? new LogRing());
  const policy = DEFAULT_SERVICE_POLICY;
  const unit = { id, name: id, image: 'example/service', kind: 'service', policy } as const;
  engine.dispatch({ type: 'unit.added', unit });
  if (index === 0) engine.dispatch({ type: 'boot.finished' });
  engine.dispatch({ type: 'unit.created', id, run: 1, pid: 1000 + index });
  engine.dispatch({ type: 'unit.started', id, run: 1 });
}

const server = await startControlServer(
  createMachinePort({
    sys: new FakeSys(),
    imageName: 'load',
    generation: 0,
    engine,
    history,
    logs,
    boot: () => ({ phases: [], milestones: {} }),
    nowMs,
    orphansReaped: () => 0,
    cgroupOf: ({ id }) => `/services/${id}`,
    update() {},
    exec() {},
  }),
  path,
);

let lateMs = 0;
let ownLateMs = 0;
let skipTimer = false;
let cpu = process.cpuUsage();
expectTimer(nowMs() + TIMER_MS);
setInterval(() => {
  for (const ring of rings) ring.add(nowMs(), 'stdout', 'a line of an ordinary length, say');
}, LINE_MS);

process.on('message', () => {
  const late = { lateMs, ownLateMs };
  // What is left then is really in use; its own time is nobody's lateness.
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage(cpu);
  const report: ControlChildReport = {
    ...late,
    rssKiB: Math.round(rss / 1024),
    heapKiB: Math.round(heapUsed / 1024),
    cpuMs: (user + system) / 1000,
    connections: server.connections.size,
  };
  lateMs = 0;
  ownLateMs = 0;
  cpu = process.cpuUsage();
  process.send?.(report);
  // The timer that this has kept waiting is not counted.
  skipTimer = true;
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

function expectTimer(dueMs: number): void {
  const before = process.threadCpuUsage();
  setTimeout(() => {
    const now = nowMs();
    const { user, system } = process.threadCpuUsage(before);
    const late = now - dueMs;
    if (!skipTimer) notice(late, (user + system) / 1000 - TIMER_MS);
    skipTimer = false;
    expectTimer(now + TIMER_MS);
  }, TIMER_MS);
}

function notice(late: number, busyMs: number): void {
  lateMs = Math.max(lateMs, late);
  ownLateMs = Math.max(ownLateMs, Math.min(late, busyMs));
}
