/** Programs in containers from the console: it lends them its terminal, which is a real pty, and takes it back. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConsoleMode } from '../../supervisor/console/policy.ts';
import {
  fakeMachine,
  openFakeTerminal,
  unit,
  type FakeMachine,
  type FakeTerminal,
} from './console-support.ts';

let directory: string;
let machine: FakeMachine;
let terminal: FakeTerminal;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ishmael-console-exec-'));
  machine = fakeMachine(join(directory, 'control'));
  machine.units = [unit('redis')];
  machine.boot = { phases: [], milestones: { exec: 2_000, settled: 6_000 } };
});

afterEach(async () => {
  await terminal.hangUp();
  machine.vanish();
  rmSync(directory, { recursive: true });
});

async function atPrompt(mode: ConsoleMode): Promise<void> {
  await machine.listen();
  terminal = openFakeTerminal(join(directory, 'control'), { mode });
  await terminal.see(/example> $/);
}

test('lends its terminal to a program, with every key, and takes it back at its end', async () => {
  await atPrompt('shell');
  terminal.type("exec redis 'cat it' 3\r");
  await terminal.see(
    /"args":\["cat it","3"\],"env":\["TERM=dumb"\],"terminal":\{"rows":24,"columns":80\}\}$/,
  );
  expect(machine.requests).toContain('POST /v1/services/redis/exec');
  terminal.type('help\x03\x1b[A');
  await terminal.see(/help..\[A$/);
  machine.happen('redis', 'stopping');
  terminal.type('more');
  await terminal.see(/^more$/);
  terminal.type('\x04');
  await terminal.see(/^.\nexit code 3\n[^\n]*redis: stopping\nexample> $/);
});

test('gives a program what was typed before it ran, and the size of the terminal', async () => {
  await atPrompt('shell');
  terminal.resize({ rows: 50, columns: 132 });
  terminal.type('exec redis cat 0\rpoweroff\r\x04');
  await terminal.see(/"env":\["TERM=vt220"\],"terminal":\{"rows":50,"columns":132\}\}/);
  await terminal.see(/^poweroff\r..\[m.\[\?25h\nexample> $/);
  expect(machine.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
});

test('takes its terminal back from a program that does not end, when it is asked in the way it says', async () => {
  await atPrompt('shell');
  terminal.type('exec redis hang\r');
  await terminal.see(/"hang"[^]*\}$/);
  terminal.type('\x03\x04');
  await terminal.see(/^..$/);
  terminal.type('\x1e\x1e\x1e');
  await terminal.see(/The program has lost its terminal\.\nexample> $/);
  terminal.type('exec redis nope\r');
  await terminal.see(/no nope\nexample> $/);
  terminal.type('exec redis die\r');
  await terminal.see(/killed by SIGKILL\nexample> $/);
  terminal.type('exec rdis sh\r');
  await terminal.see(/No unit is called "rdis"\. Did you mean "redis"\?\nexample> $/);
});

test('lets nobody into a container where the image allows to control only', async () => {
  await atPrompt('control');
  terminal.type('exec redis sh\r');
  await terminal.see(/"exec" is not allowed at this console: the image has no "console: shell"/);
  expect(machine.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
});
