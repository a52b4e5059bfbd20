import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashPassword } from '../../supervisor/console/check-password.ts';
import type { ConsolePolicy } from '../../supervisor/console/policy.ts';
import {
  fakeMachine,
  openFakeTerminal,
  QUIET_MACHINE,
  unit,
  type FakeMachine,
  type FakeTerminal,
} from './console-support.ts';

let directory: string;
let machine: FakeMachine;
let terminal: FakeTerminal;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ishmael-console-'));
  machine = fakeMachine(join(directory, 'control'));
});

afterEach(async () => {
  await terminal.hangUp();
  machine.vanish();
  rmSync(directory, { recursive: true });
});

function open(policy: Partial<ConsolePolicy> = {}): FakeTerminal {
  terminal = openFakeTerminal(join(directory, 'control'), policy);
  return terminal;
}

/** A console whose machine has booted, at its prompt. */
async function atPrompt(policy: Partial<ConsolePolicy> = {}): Promise<FakeTerminal> {
  machine.boot = { phases: [], milestones: { exec: 2_000, settled: 6_000 } };
  await machine.listen();
  open(policy);
  await terminal.see(/example> $/);
  return terminal;
}

describe('runConsole()', () => {
  test('waits for PID 1, shows the boot, then the summary and a prompt', async () => {
    open();
    await terminal.see(/pid=\d+\n/);
    machine.happen('machine', 'mounts done');
    await machine.listen();
    await terminal.see(/^\[ {4}1\.000\] machine: mounts done$/m);
    machine.happen('redis', 'running (pid 87)');
    await terminal.see(/^\[ {4}2\.000\] redis: running \(pid 87\)$/m);
    expect(terminal.shown()).not.toContain('example>');

    machine.boot = { phases: [], milestones: { exec: 2_000, settled: 6_000 } };
    machine.units = [unit('redis'), unit('web', { state: 'failed', reason: 'exit code 3' })];
    machine.happen('web', 'exit code 3', 'error');
    await terminal.see(/web: error: exit code 3\n/);
    await terminal.see(/booted in 6\.000 s: kernel 2\.000 s, services 4\.000 s\n/);
    await terminal.see(/running: redis\n {2}failed: web: exit code 3\n/);
    await terminal.see(/example> $/);
  });

  test('shows the status of all units', async () => {
    machine.units = [unit('redis'), unit('dhcpcd', { pid: 92, restarts: 3 })];
    await atPrompt();
    terminal.type('status\r');
    await terminal.see(/^status\n/);
    await terminal.see(/redis +service +running +87 +0 +1m 0s +runs since/);
    await terminal.see(/dhcpcd +service +running +92 +3 /);
    await terminal.see(/example> $/);
  });

  test('edits the line: backspace, cursor keys, history, completion', async () => {
    machine.units = [unit('redis')];
    machine.logAppend('ready');
    await atPrompt();
    terminal.type('hepp\x7f\x7flp\r');
    await terminal.see(/status \[NAME\]/);
    await terminal.see(/example> $/);
    terminal.type('\x1b[A\r');
    await terminal.see(/^help\n/);
    await terminal.see(/example> $/);
    terminal.type('log\tre\t-n1\r');
    await terminal.see(/ready\n/);
    expect(machine.requests).toContain('GET /v1/services/redis/logs?tail=1');
  });

  test('follows a log until Ctrl-C, which is no signal to the process', async () => {
    machine.units = [unit('redis')];
    machine.logAppend('one');
    await atPrompt();
    terminal.type('logs redis -f\r');
    await terminal.see(/one\n/);
    machine.logAppend('two \x1b[2Jthree');
    await terminal.see(/two \^\[\[2Jthree\n/);
    terminal.type('\x03');
    await terminal.see(/\^C\nexample> $/);
    terminal.type('help\r');
    await terminal.see(/poweroff/);
    await expect.poll(() => machine.logFollowers()).toBe(0);
  });

  test('shows the logs of the kernel and of PID 1, and of a unit that is called so', async () => {
    machine.logAppend('from a log');
    await atPrompt();
    terminal.type('logs kernel -n 7\r');
    await terminal.see(/from a log\nexample> $/);
    machine.units = [unit('kernel')];
    terminal.type('logs kernel -n 8\r');
    await terminal.see(/from a log\nexample> $/);
    expect(machine.requests).toContain('GET /v1/logs/kernel?tail=7');
    expect(machine.requests).toContain('GET /v1/services/kernel/logs?tail=8');
  });

  test('prints what happens above the line being edited', async () => {
    await atPrompt();
    terminal.type('stat');
    await terminal.see(/stat$/);
    machine.happen('redis', 'killed by SIGKILL', 'warning');
    await terminal.see(/redis: warning: killed by SIGKILL\nexample> stat$/);
  });

  test('asks PID 1 to power off, and shows what it stops meanwhile', async () => {
    await atPrompt();
    terminal.type('poweroff\r');
    await terminal.see(/Powering off\.\n/);
    expect(machine.requests).toContain('POST /v1/poweroff');
    machine.happen('redis', 'stopping');
    await terminal.see(/redis: stopping\n/);
    expect(await terminal.terminate()).toBe(0);
  });

  test('comes back after a re-execution of PID 1 and repeats no event', async () => {
    machine.happen('redis', 'first event');
    await atPrompt();
    machine.vanish();
    machine.machine = { ...QUIET_MACHINE, generation: 1 };
    machine.happen('redis', 'second event');
    await machine.listen();
    await terminal.see(/PID 1 was executed again \(generation 1\)/);
    await terminal.see(/redis: second event\n/);
    expect(terminal.shown().match(/first event/g)).toHaveLength(1);
  });

  test('tells why a unit is as it is', async () => {
    machine.units = [unit('web', { state: 'backoff', reason: 'exit code 3; next start in 2 s' })];
    machine.answers.set('/v1/services/web/health', {
      status: 'unhealthy',
      failuresInRow: 2,
      results: [{ atMs: 9_000, tookMs: 5, passed: false, output: 'refused' }],
    });
    machine.happen('redis', 'running (pid 87)');
    machine.happen('web', 'exit code 3', 'warning');
    machine.logAppend('cannot bind');
    await atPrompt();
    terminal.type('why web\r');
    await terminal.see(/web is backoff for 1m 0s\n {2}reason: exit code 3; next start in 2 s\n/);
    await terminal.see(/health: unhealthy, 2 failures in a row\n.*refused\n/);
    await terminal.see(/happened to it:\n {2}\[ +2\.000\] web: warning: exit code 3\n/);
    await terminal.see(/written last:\n.*cannot bind\nexample> $/);
  });

  test('shows events, the boot and processes', async () => {
    machine.units = [unit('redis')];
    machine.happen('redis', 'one');
    machine.happen('redis', 'two');
    machine.answers.set('/v1/services/redis/processes', [
      { pid: 87, uid: 100, gid: 100, command: 'redis-server', capabilities: { effective: [] } },
    ]);
    await atPrompt();
    terminal.type('events -n 1\r');
    await terminal.see(/^events -n 1\n\[ +2\.000\] redis: two\nexample> $/);
    terminal.type('boot\r');
    await terminal.see(/kernel +0\.000 +2\.000 {2}#+\n[^]*redis, the last service to be up\n/);
    terminal.type('ps\r');
    await terminal.see(/redis +87 +100 {2}none +redis-server\n/);
  });

  test('follows events, and tells each of them once', async () => {
    await atPrompt();
    terminal.type('events -f\r');
    await terminal.see(/events -f\n$/);
    await expect.poll(() => machine.requests).toContain('GET /v1/events?follow=1&since=0');
    machine.happen('redis', 'the only one');
    await terminal.see(/the only one\n/);
    terminal.type('\x03');
    await terminal.see(/\^C\nexample> $/);
    machine.happen('redis', 'another');
    await terminal.see(/another\nexample> $/);
    expect(terminal.shown().match(/the only one/g)).toHaveLength(1);
    expect(terminal.shown().match(/another/g)).toHaveLength(1);
  });

  test('starts, stops and restarts services, but nothing else', async () => {
    machine.units = [unit('redis'), unit('000-net', { kind: 'onboot' })];
    await atPrompt();
    terminal.type('restart redis\r');
    await terminal.see(/Restarting redis\.\n/);
    terminal.type('stop redis\r');
    await terminal.see(/Stopping redis\.\n/);
    terminal.type('start redis\r');
    await terminal.see(/Starting redis\.\n/);
    terminal.type('signal redis HUP\r');
    await terminal.see(/Signalling redis\.\n/);
    terminal.type('stop 000-net\r');
    await terminal.see(/"000-net" is no service/);
    expect(machine.requests.filter((request) => request.startsWith('POST'))).toEqual(
      ['restart', 'stop', 'start', 'signal?signal=HUP'].map(
        (action) => `POST /v1/services/redis/${action}`,
      ),
    );
  });

  test('says with --json what the API says', async () => {
    machine.units = [unit('redis', { reason: 'a\x9b1mb' })];
    machine.happen('redis', 'running');
    machine.logAppend('ready');
    await atPrompt();
    terminal.type('status redis --json\r');
    await terminal.see(/^.*\n(\{.*\})\n/);
    const line = terminal
      .shown()
      .split('\n')
      .find((text) => text.startsWith('{'));
    expect(JSON.parse(line ?? '')).toEqual(machine.units[0]);
    for (const command of ['status', 'why redis', 'events', 'boot', 'logs redis', 'dmesg']) {
      terminal.type(`${command} --json\r`);
      await terminal.see(/--json\n\{".*\}\nexample> $/);
    }
  });

  test('uses as many columns as the terminal says it has, and its colours', async () => {
    const reason = 'not started: the runtime has said a lot of things about why that cannot be';
    machine.units = [unit('web', { state: 'failed', reason })];
    await atPrompt();
    terminal.type('status\r');
    await terminal.see(/web +service +failed +87 +0 +1m 0s\n {4}not started/);
    await terminal.see(/example> $/);
    terminal.resize({ rows: 50, columns: 160 });
    terminal.type('status\r');
    await terminal.see(/.\[31mweb +service +failed +87 +0 +1m 0s +not started[^\n]*.\[0m\n/);
    await terminal.see(/example> $/);
    terminal.resize({ rows: 24, columns: 60 });
    terminal.type('status\r');
    await terminal.see(/.\[31mweb +service +failed +87 +0 +1m 0s.\[0m\n.* {4}not started/);
  });

  test('survives what no person types', async () => {
    machine.units = [unit('redis')];
    await atPrompt();
    const noise = Array.from({ length: 4_000 }, (_, n) => String.fromCharCode((n * 7919) % 255));
    terminal.type(noise.filter((char) => !'\r\n\x03'.includes(char)).join(''));
    terminal.type('\x1b[999999999999999999999999;1R\x1b[\x1b[24;80R\x1bO\x03');
    terminal.type('status\r');
    await terminal.see(/redis +service +running/);
    expect(machine.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
  });

  test('follows what comes too fast at its own pace, and PID 1 waits for nothing', async () => {
    machine.units = [unit('redis')];
    await atPrompt();
    terminal.type('logs redis -f\r');
    await expect.poll(() => machine.logFollowers()).toBe(1);
    terminal.stop();
    for (let n = 1; n <= 20_000; n += 1) machine.logAppend(`${'x'.repeat(60)} ${n}`);
    await expect.poll(() => machine.unsentLogs(), { timeout: 10_000 }).toBe(0);
    terminal.resume();
    await terminal.see(/\[\d+ lines skipped: they come faster than this terminal shows them\]\n/);
    await terminal.see(/x 20000\n/);
    terminal.type('\x03');
    await terminal.see(/\^C\nexample> $/);
  });

  test('shows its line again after the kernel has written into it', async () => {
    await atPrompt();
    terminal.type('stat');
    await terminal.see(/stat$/);
    machine.kernelSpeaks();
    await terminal.see(/^\rexample> stat$/);
  });

  test('shows only what is wrong when it is to be quiet, until a key is pressed', async () => {
    machine.boot = { phases: [], milestones: { exec: 2_000, settled: 6_000 } };
    machine.units = [unit('redis')];
    machine.happen('redis', 'running (pid 87)');
    await machine.listen();
    open({ quiet: true });
    await expect.poll(() => machine.requests, { timeout: 10_000 }).toContain('GET /v1/services');
    machine.happen('redis', 'killed by SIGKILL', 'warning');
    await terminal.see(/^\[ +2\.000\] redis: warning: killed by SIGKILL\n$/m);
    expect(terminal.shown()).not.toContain('pid 87');
    terminal.type('\r');
    await terminal.see(/^example> $/);
    machine.happen('redis', 'running (pid 88)');
    terminal.type('events\r');
    await terminal.see(/^events\n.*pid 87[^]*pid 88/);
  });

  test('shows what the image says is to run, of a unit or of all, without secrets', async () => {
    machine.units = [
      unit('redis'),
      { ...unit('save'), id: 'onshutdown-001-save', kind: 'onshutdown' },
    ];
    machine.answers.set('/v1/config', {
      name: 'example',
      services: [{ name: 'redis', env: ['REDIS_PASSWORD=hunter2', 'DIR=/data'] }],
      onshutdown: [{ name: 'save' }, { name: 'save', args: ['second'] }],
    });
    await atPrompt();
    terminal.type('config redis\r');
    await terminal.see(/"REDIS_PASSWORD=\[redacted\]",\n {4}"DIR=\/data"[^]*example> $/);
    terminal.type('config onshutdown-001-save --json\r');
    await terminal.see(/^[^\n]*\n\{"name":"save","args":\["second"\]\}\nexample> $/);
    terminal.type('config\r');
    await terminal.see(/^config\n\{\n {2}"name": "example",[^]*\n\}\nexample> $/);
    expect(terminal.shown()).not.toContain('hunter2');
  });

  test('gives everything away but secrets, and a checksum of it', async () => {
    machine.units = [unit('redis')];
    machine.happen('redis', 'running with --password hunter2');
    machine.logAppend('listening on redis://me:hunter2@10.0.0.1');
    machine.answers.set('/v1/network', [{ name: 'eth0', mac: '', addresses: [] }]);
    await atPrompt();
    terminal.type('support\r');
    await terminal.see(/-----END ISHMAEL SUPPORT----- \d+ lines, sha256 [0-9a-f]{64}\n/);
    const shown = terminal.shown();
    const [, body = '', count, sum] =
      /BEGIN ISHMAEL SUPPORT----- [^\n]*\n([^]*)-----END ISHMAEL SUPPORT----- (\d+) lines, sha256 (\w+)/.exec(
        shown,
      ) ?? [];
    expect(body.split('\n')).toHaveLength(Number(count) + 1);
    expect(createHash('sha256').update(body).digest('hex')).toBe(sum);
    expect(body).not.toContain('hunter2');
    expect(body).toContain('== GET /v1/services/redis/logs?tail=200\n');
    expect(body).toContain('"name":"eth0"');
    expect(body).not.toContain('/v1/crash');
    for (const line of body.split('\n').filter((text) => text.startsWith('{'))) JSON.parse(line);
  });

  test('shows live what units use, in place on a terminal that can, until q is pressed', async () => {
    machine.units = [unit('redis')];
    const cpu = { userMs: 1, niceMs: 0, systemMs: 1, idleMs: 2, ioWaitMs: 0, irqMs: 0 };
    const load = { one: 0.5, five: 0.25, fifteen: 0.1, runnable: 1, threads: 40 };
    machine.answers.set('/v1/cpu', { load, total: { ...cpu, softIrqMs: 0, stealMs: 0 }, cpus: [] });
    machine.answers.set('/v1/memory', { totalKiB: 500_000, availableKiB: 300_000 });
    machine.answers.set('/v1/usage', [{ id: 'redis', cpuUs: 0, memoryBytes: 9_000_000, pids: 2 }]);
    await atPrompt();
    terminal.type('top\r');
    await terminal.see(/load 0\.5[^]*redis +running +0\.0% +8\.6M +2 +0 +1m 0s\n/);
    terminal.type('q');
    await terminal.see(/\^C\nexample> $/);

    terminal.resize({ rows: 24, columns: 80 });
    terminal.type('top\r');
    await terminal.see(/.\[H.\[2J.\[1;1Hup 1m 5s, load 0\.5[^]*redis +running/);
    machine.happen('redis', 'killed by SIGKILL', 'warning');
    machine.units = [unit('redis', { restarts: 7 })];
    await terminal.see(/^[^\n]*.\[6;1Hredis +running +- +8\.6M +2 +7 +1m 0s.\[K/);
    expect(terminal.shown()).not.toContain('SIGKILL');
    terminal.type('q');
    await terminal.see(/redis: warning: killed by SIGKILL[^\n]*\nexample> $/);
  });

  test('changes nothing where the image lets it only look', async () => {
    await atPrompt({ mode: 'status' });
    for (const command of ['stop', 'poweroff', 'reboot', 'resume']) {
      terminal.type(`${command}${command === 'stop' ? ' redis' : ''}\r`);
      await terminal.see(new RegExp(`"${command}" is not allowed at this console`));
    }
    terminal.type('help\r');
    await terminal.see(/Not allowed here: start, stop, restart, signal, exec,/);
    terminal.type('po\t\r');
    await terminal.see(/Unknown command "po"/);
    expect(machine.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
  });

  test('shows nothing before the password was given, and nothing of the password', async () => {
    const password = await hashPassword('call me Ishmael');
    machine.boot = { phases: [], milestones: { exec: 2_000, settled: 6_000 } };
    machine.happen('redis', 'running (pid 87)');
    await machine.listen();
    open({ password });
    await terminal.see(/box is locked\. Password: $/);
    terminal.type('poweroff\r');
    await terminal.see(/That is not the password\.\nbox is locked\. Password: $/);
    expect(terminal.shown()).not.toMatch(/redis|poweroff|booted/);
    terminal.type('call me Ishmael\r');
    await terminal.see(/a wrong password was given once\.\n/);
    await terminal.see(/booted in 6\.000 s[^]*example> $/);
    terminal.type('lock\r');
    await terminal.see(/Locked\.\nbox is locked\. Password: $/);
    machine.happen('redis', 'killed by SIGKILL', 'warning');
    terminal.type('status\r');
    await terminal.see(/That is not the password\./);
    expect(terminal.shown()).not.toMatch(/Ishmael|SIGKILL/);
    expect(machine.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
  });

  test('says what was probably meant', async () => {
    machine.units = [unit('redis')];
    await atPrompt();
    terminal.type('statsu\r');
    await terminal.see(/Unknown command "statsu"\. Did you mean "status"\?\n/);
    terminal.type('logs reds\r');
    await terminal.see(/No unit is called "reds"\. Did you mean "redis"\?\n/);
  });

  test('goes on while nobody reads, and says how much nobody can read any more', async () => {
    machine.units = [unit('redis')];
    await atPrompt();
    terminal.stop();
    for (let n = 0; n < 5_000; n += 1) machine.happen('redis', `event number ${n}`);
    // The console takes what PID 1 tells it although its own terminal is stopped.
    await expect.poll(() => machine.unsentEvents(), { timeout: 10_000 }).toBe(0);
    machine.logAppend('still here');
    terminal.resume();
    await terminal.see(/\[\d+ lines were dropped: the terminal is too slow\]\n/);
    await terminal.see(/event number 4999\n/);
    terminal.type('logs redis\r');
    await terminal.see(/still here\n/);
  });

  test('ends when the terminal hangs up', async () => {
    await atPrompt();
    expect(terminal.isAlive()).toBe(true);
    await terminal.hangUp();
    await expect.poll(() => terminal.isAlive(), { timeout: 10_000 }).toBe(false);
  });

  test('asks nothing and prints nothing while nothing happens', async () => {
    await atPrompt();
    const requests = machine.requests.length;
    const shown = terminal.shown().length;
    await new Promise((resolve) => {
      setTimeout(resolve, 2_500);
    });
    expect(machine.requests).toHaveLength(requests);
    expect(terminal.shown()).toHaveLength(shown);
  });
});
