/** A program that keeps its log's pipe locked in the kernel hurts nobody but itself (sys/linux/fifo.ts). */
import { beforeAll, describe, expect, it } from 'vitest';
import type { MachineInfo } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

/** What no answer of the control API may take, on a busy host either. */
const ANSWER_MS = 15_000;

let machine: TestMachine;
let shell: GuestShell;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname, ports: [SHELL_PORT] });
  shell = await guestShell(machine);
  return () => machine.vm.kill();
});

/** A client of the locker that says what `words` writes, and stays silent then. */
const connect = async (words: string): Promise<string> =>
  shell(
    `for client in 1; do { ${words}; sleep 100000; } | nc 127.0.0.1 2000 & done >/dev/null 2>&1 </dev/null; sleep 4`,
  );

/** Clients that leave when they have said their word, until it is in the log: the first may come before the locker listens. */
async function say(word: string): Promise<void> {
  await machine.waitFor(`its word ${word}`, async () => {
    await shell(`echo ${word} | nc -w 1 127.0.0.1 2000 >/dev/null 2>&1`);
    return (await machine.logs('locker')).some(({ text }) => text === word) ? true : undefined;
  });
}

/** Ends all of them, too: what they are connected to is killed. */
async function restartLocker(): Promise<void> {
  const { pid: before } = await machine.unit('locker');
  await machine.post('/v1/services/locker/restart');
  await machine.waitFor('another run', async () => {
    const { state, pid } = await machine.unit('locker');
    return state === 'running' && pid !== before ? true : undefined;
  });
}

/**
 * With each line PID 1 has something to read, while the next sendfile(2) has the lock already. Mostly: when PID 1
 * was faster with the last one, there is nothing left that it could stand for.
 */
async function lock(word: string): Promise<void> {
  await machine.waitFor('a read that stands', async () => {
    await connect(`for line in $(seq 10); do echo ${word} $line; sleep 0.1; done`);
    if ((await standing()) > 0) return true;
    await restartLocker();
    return undefined;
  });
}

const info = (): Promise<MachineInfo> => machine.get<MachineInfo>('/v1/machine');

async function answersInTime(): Promise<void> {
  for (let count = 0; count < 20; count += 1) {
    const begin = performance.now();
    await info();
    expect(performance.now() - begin).toBeLessThan(ANSWER_MS);
  }
}

/** How the threads of PID 1 wait: a `D` is one that stands in the kernel. */
const standing = async (): Promise<number> =>
  (await shell('cat /proc/1/task/*/stat')).split('\n').filter((line) => /\) D /.test(line)).length;

async function numbersGoOn(): Promise<void> {
  const before = (await machine.logs('counter')).length;
  const lines = await machine.waitFor('more lines', async () => {
    const found = await machine.logs('counter');
    return found.length > before + 10 ? found : undefined;
  });
  const numbers = lines.map(({ text }) => Number(text));
  expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
}

describe('a program that keeps its log locked', () => {
  it('does not keep PID 1 from its work', async () => {
    await lock('first');
    await answersInTime();
    await numbersGoOn();
  });

  it('is told so in its log', async () => {
    const line = await machine.waitFor('the line', async () =>
      (await machine.logs('locker')).find(({ stream }) => stream === 'stderr'),
    );
    expect(line.text).toMatch(/^stdout is not read: .* keeps it locked/);
  });

  it('can be started again, and is read again', async () => {
    await restartLocker();
    expect(await standing()).toBe(0);
    await say('again');
  });
});

describe('PID 1 that dies meanwhile', () => {
  async function die(generation: number): Promise<void> {
    await shell('kill -SEGV 1');
    await machine.waitFor('the next generation', async () =>
      (await info()).generation === generation ? true : undefined,
    );
    await numbersGoOn();
    expect(await machine.unit('counter')).toMatchObject({ state: 'running', restarts: 0 });
  }

  it('is executed again, for which only that program has to end', async () => {
    await lock('second');
    const { pid } = await machine.unit('locker');
    await die(1);
    await machine.waitFor('another run', async () => {
      const locker = await machine.unit('locker');
      return locker.state === 'running' && locker.pid !== pid ? true : undefined;
    });
  });

  it('is executed again, and does not even notice a lock on a pipe without anything in it', async () => {
    await restartLocker();
    await connect('true');
    expect(await standing()).toBe(0);
    const { pid } = await machine.unit('locker');
    await die(2);
    expect(await machine.unit('locker')).toMatchObject({ state: 'running', pid });
    await restartLocker();
    await say('third');
  });
});

describe('the end of the machine', () => {
  it('comes in order all the same', async () => {
    await restartLocker();
    await lock('fourth');
    await machine.post('/v1/poweroff');
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null });
    expect(machine.vm.console.text()).toContain('Power down');
  });
});
