/**
 * Every call that a container's life makes, failed with every errno it can give: the unit must come to a
 * state that says why, nothing may be thrown towards the engine or left open, and once the fault is gone
 * a person can start it again.
 */
import { execFileSync } from 'node:child_process';
import type * as Fs from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRuncClient } from '../../../../runc-shim/runc/client.ts';
import { Engine, type Fact } from '../../../../supervisor/engine.ts';
import {
  containerLauncher,
  type ContainerUnit,
} from '../../../../supervisor/interpreter/container-unit.ts';
import { Interpreter } from '../../../../supervisor/interpreter/interpreter.ts';
import { createLimiter } from '../../../../supervisor/interpreter/limiter.ts';
import type { Change } from '../../../../supervisor/service/effect.ts';
import { DEFAULT_SERVICE_POLICY, type HealthCheck } from '../../../../supervisor/service/policy.ts';
import { UnitLog } from '../../../../supervisor/log/unit-log.ts';
import { unitStatus } from '../../../../supervisor/service/status.ts';
import type { Unit } from '../../../../supervisor/service/state.ts';
import { containerSpec } from '../../../support/container-specs.ts';
import { FakeSys } from '../../../support/fake-sys.ts';
import { type Fault, FaultyHost, host } from '../../../support/faulty-host.ts';

/**
 * By the manual pages of the system calls behind them. close(2) is left out: of a FIFO it cannot fail.
 */
const ERRNOS = vi.hoisted((): Readonly<Record<string, readonly string[]>> => ({
  'fs.mkdirSync': ['EACCES', 'ENOSPC', 'EROFS', 'ENOMEM', 'ENOENT', 'ENOTDIR', 'EIO', 'EMLINK'],
  'fs.mkdtempSync': ['ENOSPC', 'EACCES', 'EROFS', 'EMLINK', 'ENOMEM', 'ENOENT', 'EIO'],
  'fs.writeFileSync': ['ENOSPC', 'EACCES', 'EMFILE', 'ENFILE', 'EROFS', 'EIO', 'ENOENT', 'ENOMEM'],
  'fs.readFileSync': ['ENOENT', 'EIO', 'EMFILE', 'ENFILE', 'EACCES', 'ENODEV'],
  'fs.readdirSync': ['ENOENT', 'EACCES', 'EMFILE', 'ENFILE', 'EIO', 'ENOMEM', 'ENOTDIR'],
  'fs.rmdirSync': ['EBUSY', 'ENOENT', 'EACCES', 'EPERM', 'EROFS'],
  'fs.unlinkSync': ['EBUSY', 'ENOENT', 'EACCES', 'EPERM', 'EROFS', 'EIO'],
  'fs.statSync': ['ENOENT', 'EACCES', 'EIO', 'ELOOP'],
  'fs.rmSync': ['EBUSY', 'EROFS', 'EIO', 'ENOTEMPTY', 'EACCES', 'EPERM'],
  'fs.chmodSync': ['EPERM', 'EROFS', 'EIO', 'ENOENT'],
  'fs.chownSync': ['EPERM', 'EROFS', 'EIO', 'ENOENT'],
  'fs.openSync': ['EMFILE', 'ENFILE', 'ENXIO', 'ENOENT', 'ENOMEM', 'EACCES', 'EIO'],
  'fs.open': ['EMFILE', 'ENFILE', 'ENXIO', 'ENOENT', 'ENOMEM', 'EACCES', 'EIO'],
  'sys.mount': ['EBUSY', 'ENOMEM', 'EINVAL', 'ENODEV', 'EPERM', 'ENOENT', 'EMFILE', 'ENOSPC'],
  'sys.umount': ['EBUSY', 'EPERM', 'ENOMEM', 'EINVAL', 'ENOENT'],
  'sys.openDatagramSocket': [
    'EMFILE',
    'ENFILE',
    'ENOMEM',
    'EACCES',
    'EADDRINUSE',
    'ENOSPC',
    'EROFS',
  ],
  'sys.kill': ['ESRCH', 'EPERM'],
  'run create': ['ENOENT', 'EACCES', 'EMFILE', 'EAGAIN', 'ENOMEM', 'ETXTBSY', 'EIO'],
  'run start': ['ENOENT', 'EACCES', 'EMFILE', 'EAGAIN', 'ENOMEM', 'EIO'],
  'run exec': ['ENOENT', 'EACCES', 'EMFILE', 'EAGAIN', 'ENOMEM', 'EIO'],
  'run delete': ['ENOENT', 'EACCES', 'EMFILE', 'EAGAIN', 'ENOMEM', 'EIO'],
}));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof Fs>();
  const { host: world } = await import('../../../support/faulty-host.ts');
  const wrap = (name: keyof typeof Fs) => {
    const real = fs[name] as (...args: unknown[]) => unknown;
    return (path: unknown, ...args: unknown[]): unknown => {
      const { current } = world;
      if (current === undefined) return real(path, ...args);
      // Directories of commands end with six random letters.
      const target = basename(String(path)).replace(/^plain\..{6}$/, 'plain.*');
      current.call(`fs.${name} ${target}`, String(path));
      const answer = real(current.moved(path), ...args);
      if (name === 'openSync') current.openFds.add(Number(answer));
      if (name === 'writeFileSync') current.wrote(String(path));
      return answer;
    };
  };
  const names = Object.keys(ERRNOS)
    .filter((name) => name.endsWith('Sync'))
    .map((name) => name.slice(3) as keyof typeof Fs);
  // At once, where the real ones take a thread: a life is counted in turns of the event loop.
  type Done = (error: unknown, fd?: number) => void;
  const open = (path: string, flags: string, done: Done): void => {
    const { current } = world;
    process.nextTick(() => {
      let fd: number;
      try {
        current?.call(`fs.open ${basename(path)}`, path);
        fd = fs.openSync(path, flags);
      } catch (error) {
        done(error);
        return;
      }
      current?.openFds.add(fd);
      done(null, fd);
    });
  };
  const close = (fd: number, done: Done): void => {
    closeSync(fd);
    done(null);
  };
  const closeSync = (fd: number): void => {
    world.current?.openFds.delete(fd);
    fs.closeSync(fd);
  };
  const existsSync = (path: Fs.PathLike): boolean =>
    fs.existsSync((world.current?.moved(path) ?? path) as Fs.PathLike);
  return {
    ...fs,
    open,
    close,
    closeSync,
    existsSync,
    ...Object.fromEntries(names.map((name) => [name, wrap(name)])),
  };
});

/** That of the newest life. */
let world: FaultyHost = new FaultyHost(true);
world.remove();

const rejections: unknown[] = [];
const onRejection = (error: unknown): void => void rejections.push(error);

beforeEach(() => {
  rejections.length = 0;
  process.on('unhandledRejection', onRejection);
});
afterEach(() => {
  process.off('unhandledRejection', onRejection);
});

interface Life {
  readonly facts: Fact[];
  readonly changes: Change[];
  readonly engine: Engine;
  readonly thrown: unknown[];
  unit(): Unit;
  /** Lets everything happen that is under way, without any timer. */
  rest(): Promise<void>;
  /** Lets the current run's timer of that name fire, if there is one. */
  fire(name: string): Promise<void>;
}

/** What there is beside the container, and whether its program ends at SIGTERM. */
interface Kind extends Pick<ContainerUnit, 'readiness' | 'health'> {
  readonly obedient: boolean;
}

function live(log: UnitLog, { readiness, health }: Kind): Life {
  const facts: Fact[] = [];
  const changes: Change[] = [];
  const thrown: unknown[] = [];
  let timers: { readonly name: string; readonly run: number; readonly fire: () => void }[] = [];
  const engine: Engine = new Engine({
    nowMs: () => 0,
    carryOut: (effect) => {
      try {
        if (effect.type === 'timer.start') {
          const { id, run, timer } = effect;
          const fire = (): void => engine.dispatch({ type: 'timer.fired', id, run, timer });
          timers.push({ name: timer, run, fire });
        } else interpreter.carryOut(effect);
      } catch (error) {
        thrown.push(error);
      }
    },
    record: (change) => changes.push(change),
    receive: (event) => facts.push(event),
    observe: () => undefined,
  });
  const interpreter = new Interpreter({
    dispatch: (fact) => engine.dispatch(fact),
    record: (change) => changes.push({ atMs: 0, ...change }),
    setTimer: () => undefined,
    watchConditions: () => () => undefined,
    endMachine: () => undefined,
  });
  const runtime = createRuncClient({
    binary: '/usr/bin/runc',
    runner: world.runner,
    sys: world.sys,
  });
  const launcher = containerLauncher(
    {
      sys: world.sys,
      runtime,
      watch: world.watch,
      limit: createLimiter(4),
      limitExec: (work) => work(),
      devicesReady: Promise.resolve(),
      warn: (unit, text) => changes.push({ atMs: 0, unit, severity: 'warning', text }),
    },
    {
      id: 'plain',
      container: containerSpec({
        binds: [{ source: '/run/made', destination: '/x', options: [] }],
      }),
      cgroupsPath: '/services/plain',
      log,
      leftovers: false,
      ...(readiness && { readiness }),
      ...(health && { health }),
    },
  );
  interpreter.addUnit('plain', launcher);
  const unit = (): Unit => {
    const [first] = engine.state.units;
    if (first === undefined) throw new Error('no unit');
    return first;
  };
  const rest = async (): Promise<void> => {
    for (let turn = 0; turn < 12; turn += 1) {
      vi.advanceTimersByTime(1);
      await nextTurn();
    }
  };
  return {
    facts,
    changes,
    engine,
    thrown,
    unit,
    rest,
    async fire(name) {
      const due = timers.filter((timer) => timer.name === name && timer.run === unit().run);
      timers = timers.filter((timer) => !due.includes(timer));
      for (const timer of due) timer.fire();
      await rest();
    },
  };
}

/** The FIFOs are there since the boot; made once for all lives. */
const logDir = mkdtempSync(join(tmpdir(), 'fault-log-'));
for (const name of ['stdout', 'stderr']) execFileSync('mkfifo', [join(logDir, name)]);
const log = UnitLog.open({
  sys: new FakeSys(),
  fifoDir: logDir,
  fileDir: `${logDir}/files`,
  nowMs: () => 0,
});
afterAll(() => {
  log.close();
  rmSync(logDir, { recursive: true });
});

const SERVICE = { id: 'plain', name: 'plain', image: 'test/plain', kind: 'service' } as const;

interface Played extends Life {
  /** What the unit said of itself after the start, after the request to stop, and after its grace time. */
  readonly reasons: readonly [started: string, asked: string, killed: string];
  /** The state after the start. */
  readonly started: Unit['state']['tag'];
  /** How many calls had been made when the fault was over. */
  readonly calls: number;
}

/** Started, asked whether it is well if it can be, stopped by a person, and started again once there are no faults any more. */
async function play(kind: Kind, fault?: Fault): Promise<Played> {
  const { readiness, health } = kind;
  world = new FaultyHost(kind.obedient);
  world.fault = fault;
  host.current = world;
  const life = live(log, kind);
  const sayReady = (): void => {
    world.sys.datagrams.set('/run/ishmael/notify/plain', [Buffer.from('READY=1')]);
  };
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const reason = (): string => unitStatus(life.engine.state, life.unit(), 0).reason;
  try {
    sayReady();
    const policy = {
      ...DEFAULT_SERVICE_POLICY,
      ...(readiness && { readiness }),
      ...(health && { health }),
    };
    life.engine.dispatch({ type: 'unit.added', unit: { ...SERVICE, policy } });
    life.engine.dispatch({ type: 'boot.finished' });
    await life.rest();
    const [first, started] = [reason(), life.unit().state.tag];
    await life.fire('probe');
    life.engine.dispatch({ type: 'unit.stop-requested', id: 'plain', by: 'test' });
    await life.rest();
    const asked = reason();
    await life.fire('grace');
    const reasons = [first, asked, reason()] as const;
    const calls = world.calls.length;
    world.heal();
    sayReady();
    life.engine.dispatch({ type: 'unit.start-requested', id: 'plain', by: 'test' });
    await life.rest();
    await life.fire('grace');
    return { ...life, reasons, started, calls };
  } finally {
    host.current = undefined;
    vi.useRealTimers();
    world.remove();
  }
}

/** What is no failure to anybody, or has a second way that needs nobody's attention. */
const HARMLESS: readonly string[] = [
  'sys.umount EINVAL',
  'sys.umount ENOENT',
  'sys.kill ESRCH',
  'fs.writeFileSync cgroup.kill',
  'fs.readFileSync memory.events',
  'fs.rmdirSync',
];

/** Of a command that has been run: its answer counts. */
const AFTER_AN_ANSWER =
  /^fs\.(readdirSync plain\.\*|unlinkSync process\.json|rmdirSync plain\.\*|readFileSync log\.json)$/;

/** What is to be removed is gone. */
const GONE = /^fs\.(readdir|unlink)Sync \S+ ENOENT$/;

const isHarmless = (call: string, code: string): boolean =>
  GONE.test(`${call} ${code}`) || HARMLESS.some((one) => `${call} ${code}`.startsWith(one));

const HEALTH: HealthCheck = {
  probe: { kind: 'exec', args: ['/bin/true'] },
  intervalMs: 30_000,
  timeoutMs: 5_000,
  retries: 3,
  startPeriodMs: 0,
  startIntervalMs: 5_000,
  onUnhealthy: 'none',
};

const lives = [
  { name: 'obeys its stop signal', kind: { obedient: true }, end: 'killed by SIGTERM' },
  { name: 'has to be killed', kind: { obedient: false }, end: 'killed by SIGKILL' },
  {
    name: 'says when it is ready and is asked whether it is well',
    kind: { obedient: true, readiness: { kind: 'notify' }, health: HEALTH },
    end: 'killed by SIGTERM',
  },
] satisfies readonly { readonly name: string; readonly kind: Kind; readonly end: string }[];

for (const { name, kind, end } of lives) {
  const plain = await play(kind);
  const calls = world.calls.slice(0, plain.calls).map((call, at) => ({ call, at }));

  describe(`the life of a container that ${name}`, () => {
    it('ends as it should, and consists of calls that are in the table', () => {
      expect(plain.reasons[2]).toBe(end);
      expect(calls.filter(({ call }) => errnosOf(call).length === 0)).toEqual([]);
      expect(calls.length).toBeGreaterThan(20);
    });

    it.each(calls)('goes on after a fault of call $at, $call', async ({ call, at }) => {
      for (const code of errnosOf(call)) {
        const played = await play(kind, { at, code });
        expect([...played.thrown, ...rejections], code).toEqual([]);
        expect([...world.openFds], code).toEqual([]);
        expect(played.reasons, code).not.toContain('');
        expect(played.unit().state.tag, code).toBe('running');
        expect(world.alive, code).toBe(true);
        const probed = played.facts.filter((fact) => fact.type === 'unit.probed');
        if (AFTER_AN_ANSWER.test(call))
          expect(probed, code).toMatchObject([{ result: { passed: true } }]);
        else if (!isHarmless(call, code)) checkTold(played, code);
      }
    });
  });
}

/** A failed launch is `unit.start-failed` with stage and errno; a failed removal a warning and no end. */
function checkTold({ facts, changes, started, reasons }: Played, code: string): void {
  const failed = facts.filter((fact) => fact.type === 'unit.start-failed');
  if (started === 'running') {
    expect(failed, code).toEqual([]);
    const answers = facts.flatMap((fact) =>
      fact.type === 'unit.probed' ? [fact.result.output] : [],
    );
    expect([...changes.map(({ text }) => text), ...answers].join(), code).toContain(code);
    return;
  }
  expect(failed, code).toHaveLength(1);
  expect(failed[0]?.stage, code).toMatch(/^(readiness|bundle|log|create|start)$/);
  expect(failed[0]?.message, code).toContain(code);
  expect(reasons[0], code).toContain(code);
}

/** The errnos that a call, `fs.openSync stdout`, can give. */
function errnosOf(call: string): readonly string[] {
  return ERRNOS[call.split(' ', 2).join(' ')] ?? ERRNOS[call.split(' ', 1).join()] ?? [];
}
