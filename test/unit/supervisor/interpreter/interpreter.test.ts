import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Exit } from '../../../../sys/exit.ts';
import { SysError } from '../../../../sys/errno.ts';
import type { Fact } from '../../../../supervisor/engine.ts';
import { Interpreter } from '../../../../supervisor/interpreter/interpreter.ts';
import {
  LaunchError,
  type Launcher,
  type LaunchReport,
} from '../../../../supervisor/interpreter/launcher.ts';

const DEAD: Exit = { kind: 'exited', code: 0 };

function setUp(launcher: Partial<Launcher>): {
  facts: Fact[];
  complaints: string[];
  interpreter: Interpreter;
} {
  const facts: Fact[] = [];
  const complaints: string[] = [];
  const interpreter = new Interpreter({
    dispatch: (fact) => facts.push(fact),
    record: ({ text }) => complaints.push(text),
    setTimer: (_ms, fire) => fire(),
    watchConditions: () => () => undefined,
    endMachine: () => undefined,
  });
  interpreter.addUnit('redis', {
    launch: () => Promise.resolve(),
    adopt: () => undefined,
    probe: () => Promise.resolve({ passed: true, output: '' }),
    signal: () => undefined,
    kill: () => undefined,
    remove: () => Promise.resolve(),
    ...launcher,
  });
  return { facts, complaints, interpreter };
}

const launch = { type: 'unit.launch', id: 'redis', run: 1 } as const;
const signal = { type: 'unit.signal', id: 'redis', run: 1, signal: 15 } as const;

describe('Interpreter', () => {
  it('tells created before started', async () => {
    const { facts, interpreter } = setUp({
      launch: (report) => {
        report.created(100);
        return Promise.resolve();
      },
    });
    interpreter.carryOut(launch);
    await nextTurn();
    expect(facts).toEqual([
      { type: 'unit.created', id: 'redis', run: 1, pid: 100 },
      { type: 'unit.started', id: 'redis', run: 1 },
    ]);
  });

  it('turns a failed launch into a fact with its stage and words', async () => {
    const { facts, interpreter } = setUp({
      launch: () => Promise.reject(new LaunchError('create', 'no such file')),
    });
    interpreter.carryOut(launch);
    await nextTurn();
    expect(facts).toEqual([
      { type: 'unit.start-failed', id: 'redis', run: 1, stage: 'create', message: 'no such file' },
    ]);
  });

  it('turns a launch of an unknown unit into a fact', async () => {
    const { facts, interpreter } = setUp({});
    interpreter.carryOut({ ...launch, id: 'nobody' });
    await nextTurn();
    expect(facts[0]).toMatchObject({ type: 'unit.start-failed', id: 'nobody' });
  });

  it('ends a launch that hangs, when it is to be killed before there is a process', async () => {
    const { facts, interpreter } = setUp({
      launch: (_report, { kill }) =>
        new Promise((_resolve, reject) => {
          kill.addEventListener('abort', () => reject(new LaunchError('create', 'given up')));
        }),
    });
    interpreter.carryOut(launch);
    interpreter.carryOut({ type: 'unit.kill', id: 'redis', run: 2 });
    await nextTurn();
    expect(facts).toEqual([]);
    interpreter.carryOut({ type: 'unit.kill', id: 'redis', run: 1 });
    await nextTurn();
    expect(facts).toMatchObject([{ type: 'unit.start-failed', run: 1, message: 'given up' }]);
  });

  it('never signals a pid whose process has ended', async () => {
    const signalled: number[] = [];
    let report: LaunchReport | undefined;
    const { interpreter } = setUp({
      launch: (given) => {
        report = given;
        given.created(100);
        return Promise.resolve();
      },
      signal: (pid) => signalled.push(pid),
    });
    interpreter.carryOut(launch);
    interpreter.carryOut(signal);
    interpreter.carryOut({ ...signal, run: 2 });
    report?.exited(DEAD);
    interpreter.carryOut(signal);
    await nextTurn();
    expect(signalled).toEqual([100]);
  });

  it.each([
    ['ESRCH', 0],
    ['EPERM', 1],
  ])('hears %s from kill as it should', async (code, complaintCount) => {
    const { complaints, interpreter } = setUp({
      launch: (report) => {
        report.created(100);
        return Promise.resolve();
      },
      signal: () => {
        throw new SysError('kill', code, '100');
      },
    });
    interpreter.carryOut(launch);
    interpreter.carryOut(signal);
    await nextTurn();
    expect(complaints.length).toBe(complaintCount);
  });

  it('goes on when leftovers cannot be removed, and says so', async () => {
    const { facts, complaints, interpreter } = setUp({
      remove: () => Promise.reject(new Error('device busy')),
    });
    interpreter.carryOut({ type: 'unit.remove', id: 'redis', run: 1 });
    await nextTurn();
    expect(facts).toEqual([{ type: 'unit.removed', id: 'redis', run: 1 }]);
    expect(complaints).toEqual(['leftovers remain: device busy']);
  });

  it('gives up a launch that is abandoned, and no other one', async () => {
    const { facts, interpreter } = setUp({
      launch: (_report, { abandon }) =>
        new Promise((_resolve, reject) => {
          abandon.addEventListener('abort', () => reject(new LaunchError('preStart', 'given up')));
        }),
    });
    interpreter.carryOut(launch);
    interpreter.carryOut({ type: 'unit.abandon', id: 'redis', run: 2 });
    await nextTurn();
    expect(facts).toEqual([]);
    interpreter.carryOut({ type: 'unit.abandon', id: 'redis', run: 1 });
    await nextTurn();
    expect(facts).toMatchObject([{ type: 'unit.start-failed', run: 1, message: 'given up' }]);
  });
});

describe('a probe', () => {
  const probe = { type: 'unit.probe', id: 'redis', run: 1 } as const;

  async function probed(launcher: Partial<Launcher>, run = 1): Promise<readonly Fact[]> {
    const { facts, interpreter } = setUp({
      launch: (report) => {
        report.created(100);
        return Promise.resolve();
      },
      ...launcher,
    });
    interpreter.carryOut(launch);
    await nextTurn();
    interpreter.carryOut({ ...probe, run });
    await nextTurn();
    return facts.filter(({ type }) => type === 'unit.probed');
  }

  it('is of the process that runs, and its answer a fact', async () => {
    const asked: number[] = [];
    const facts = await probed({
      probe: (pid) => {
        asked.push(pid);
        return Promise.resolve({ passed: true, output: 'PONG' });
      },
    });
    expect(asked).toEqual([100]);
    expect(facts).toMatchObject([{ run: 1, result: { passed: true, output: 'PONG' } }]);
  });

  it('that rejects has failed, with the reason', async () => {
    const facts = await probed({ probe: () => Promise.reject(new Error('EMFILE')) });
    expect(facts).toMatchObject([{ result: { passed: false, output: 'EMFILE' } }]);
  });

  it('of a run that is over asks nobody', async () => {
    expect(await probed({ probe: () => expect.unreachable() }, 2)).toEqual([]);
  });
});

describe('a look-out', () => {
  it('tells what is missing, and is ended by the next one', () => {
    const facts: Fact[] = [];
    const watched: (readonly unknown[])[] = [];
    let ended = 0;
    const interpreter = new Interpreter({
      dispatch: (fact) => facts.push(fact),
      record: () => undefined,
      setTimer: () => undefined,
      watchConditions: (conditions, onMissing) => {
        watched.push(conditions);
        onMissing(conditions);
        return () => void (ended += 1);
      },
      endMachine: () => undefined,
    });
    const conditions = [{ kind: 'path', path: '/dev/sda' }] as const;
    const wait = { type: 'unit.await', id: 'redis', run: 1 } as const;
    interpreter.carryOut({ ...wait, conditions });
    expect(facts).toEqual([{ type: 'unit.missing', id: 'redis', run: 1, missing: conditions }]);
    interpreter.carryOut({ ...wait, run: 2, conditions });
    expect(ended).toBe(1);
    interpreter.carryOut({ ...wait, run: 2, conditions: [] });
    expect([watched.length, ended]).toEqual([2, 2]);
  });
});
