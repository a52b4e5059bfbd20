/** A person at the serial line: programs in containers, and a machine whose services write as fast as they can. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleRecord } from '../../../build/run/console-record.ts';
import type { LoopDelay, MachineInfo } from '../../../supervisor/control/api.ts';
import { openSlowLine, type SlowLine } from '../../support/slow-line.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

/** 9600 baud, with start and stop bit. */
const SLOW = 960;

let machine: TestMachine;
let shell: GuestShell;
let slow: SlowLine;
let fast: Line;

/** What is shown from here on. */
interface Line {
  type(text: string): void;
  /** Resolves when `pattern` is shown after what the last call has matched, with what was matched. */
  see(pattern: RegExp, timeoutMs?: number): Promise<string>;
}

function lineOf(record: ConsoleRecord, type: (text: string) => void): Line {
  let unseen = record.text();
  let check = (): void => {};
  const decoder = new TextDecoder();
  record.subscribe((chunk) => {
    unseen = (unseen + decoder.decode(chunk, { stream: true })).slice(-262_144);
    check();
  });
  return {
    type,
    see: (pattern, timeoutMs = 60_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(
            new Error(
              `Not shown: ${String(pattern)}; the end: ${JSON.stringify(unseen.slice(-500))}`,
            ),
          );
        }, timeoutMs);
        check = () => {
          const match = pattern.exec(unseen);
          if (match === null) return;
          unseen = unseen.slice(match.index + match[0].length);
          clearTimeout(timer);
          check = () => {};
          resolve(match[0]);
        };
        check();
      }),
  };
}

const PROMPT = /230-console> $/;
/** The shell's, which then asks where the cursor is. */
const SHELL = /# (?:.\[6n)?$/;

beforeAll(async () => {
  slow = await openSlowLine(SLOW);
  machine = await bootMachine({
    folder: import.meta.dirname,
    ports: [SHELL_PORT],
    serialLines: [slow.device],
  });
  shell = await guestShell(machine);
  fast = lineOf(machine.vm.console, (text) => machine.vm.sendConsole(text));
  fast.type('\r');
  await fast.see(PROMPT);
  return async () => {
    slow.close();
    await machine.vm.kill();
  };
});

it('the second line has the speed that it was asked for', async () => {
  expect(await shell('stty -F /line')).toContain('speed 115200 baud');
});

describe('a program from the console', () => {
  it('has the environment of the service and a terminal of its own', async () => {
    fast.type(`exec quiet sh -c 'echo kept=$KEPT $TERM; tty; stty size; exit 7'\r`);
    await fast.see(/kept=1 dumb\r\n\/dev\/pts\/0\r\n24 80\r\nexit code 7\r\n/);
    await fast.see(PROMPT);
  });

  it('has Ctrl-C, which ends what it runs and not the shell', async () => {
    fast.type('exec quiet sh\r');
    await fast.see(SHELL);
    fast.type('sleep 1000\r');
    await fast.see(/sleep 1000\r\n$/);
    await machine.waitFor('the sleep', async () =>
      (await shell('ps -o args')).includes('sleep 1000\n') ? true : undefined,
    );
    fast.type('\x03');
    await fast.see(/\^C\r\n.*# (?:.\[6n)?$/);
    fast.type('echo $((6 * 7))\r');
    await fast.see(/\r\n42\r\n/);
    fast.type('exit\r');
    await fast.see(PROMPT);
  });

  it('is hung up when a person takes the terminal back', async () => {
    fast.type(`exec quiet sh -c 'trap "" INT; sleep 2000'\r`);
    await machine.waitFor('the sleep', async () =>
      (await shell('ps -o args')).includes('sleep 2000\n') ? true : undefined,
    );
    fast.type('\x03');
    fast.type('\x1e\x1e\x1e');
    await fast.see(/The program has lost its terminal\.\r\n/);
    await fast.see(PROMPT);
    await machine.waitFor('its end', async () =>
      (await shell('ps -o args')).includes('sleep 2000\n') ? undefined : true,
    );
  });

  it('may be missing, or the service may not run', async () => {
    fast.type('exec quiet nope\r');
    await fast.see(/nope[^\n]*\r\n/);
    await fast.see(PROMPT);
    fast.type('exec noisy sh\r');
    await fast.see(/"noisy"[^\n]*\r\n/);
    await fast.see(PROMPT);
  });
});

/** What a person takes for at once, unless the host itself has no more: two machines share two processors. */
function atOnceMs(usualMs: number): number {
  return Math.max(100, 10 * usualMs);
}

function median(sorted: readonly number[]): number {
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

/**
 * It says so each second. The worst of all is the host's: an emulated processor may stand still for seconds
 * while another machine runs beside it.
 */
function expectOnTime(delays: readonly LoopDelay[]): void {
  const gaps = delays.slice(1).map(({ atMs }, n) => atMs - (delays[n]?.atMs ?? 0));
  expect(median(gaps.toSorted((one, other) => one - other))).toBeLessThan(1_500);
  expect(delays.at(-1)?.p50Ms).toBeLessThan(50);
}

describe('while a service writes without end', () => {
  const delays: LoopDelay[] = [];
  const stop = new AbortController();
  let second: Line;
  /** Enter's, before anything is written. */
  let usualMs: number;

  /** How long until Enter is answered, ms, sorted. */
  async function answers(count: number): Promise<number[]> {
    const took: number[] = [];
    for (let n = 0; n < count; n += 1) {
      const from = performance.now();
      fast.type('\r');
      await fast.see(/\r\n230-console> $/);
      took.push(Math.round(performance.now() - from));
    }
    return took.toSorted((one, other) => one - other);
  }

  it('a line at 9600 baud shows what is new, says what it has left out, and obeys Ctrl-C', async () => {
    usualMs = median(await answers(20));
    void machine
      .follow<LoopDelay>('/v1/event-loop', (delay) => delays.push(delay), stop.signal)
      .catch(() => {});
    await shell('touch /go/noise');
    second = lineOf(slow.console, (text) => slow.type(text));
    second.type('\r');
    await second.see(PROMPT);
    second.type('logs noisy -f\r');
    await second.see(/\[\d+ lines skipped: they come faster than this terminal shows them\]/);
    second.type('\x03');
    await second.see(/\^C\r\n230-console> $/);
  });

  it('Enter is answered on the other one, and PID 1 turns on time', async () => {
    second.type('logs noisy -f\r');
    await second.see(/\[\d+ lines skipped/);
    expect(median(await answers(20))).toBeLessThan(atOnceMs(usualMs));
    expectOnTime(delays);
  });

  it('nobody who reads is waited for', async () => {
    const { init: before } = await machine.get<MachineInfo>('/v1/machine');
    slow.stop();
    const from = delays.length;
    await machine.waitFor('ten seconds of it', async () =>
      delays.length >= from + 10 ? true : undefined,
    );
    expect(median(await answers(20))).toBeLessThan(atOnceMs(usualMs));
    expectOnTime(delays.slice(from));
    const { init: after } = await machine.get<MachineInfo>('/v1/machine');
    expect(after.rssAnonKiB - before.rssAnonKiB).toBeLessThan(2048);
    slow.resume();
    second.type('\x03');
    await second.see(/\^C\r\n230-console> $/);
    stop.abort();
  });
});
