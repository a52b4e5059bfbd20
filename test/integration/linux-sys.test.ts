/** System calls of `LinuxSys` that no other test makes for real. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';

const sys = createLinuxSys();

it('isClockSynchronized() is what the kernel says to another program', () => {
  const number = process.arch === 'arm64' ? 171 : 159;
  const script = `my $t = "\\0" x 208; syscall(${number}, $t); print unpack("l", substr($t, 40, 4)) & 64 ? "no" : "yes"`;
  const answer = execFileSync('perl', ['-e', script], { encoding: 'utf8' });
  expect(sys.isClockSynchronized()).toBe(answer === 'yes');
});

describe('killGroupOf()', () => {
  const children: ReturnType<typeof spawn>[] = [];
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });

  it('ends a process and what it has started', async () => {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const script = 'sleep 100 & echo; sleep 100';
    const child = spawn('/bin/sh', ['-c', script], { detached: true, stdio: [...stdio] });
    children.push(child);
    if (child.stdout === null) throw new Error('no output');
    await once(child.stdout, 'data');
    sys.killGroupOf(child.pid ?? 0, 9);
    // Ends only when nobody has it open any more.
    await once(child, 'close');
    expect(child.signalCode).toBe('SIGKILL');
  });

  it('never ends the group of the caller', () => {
    const child = spawn('/bin/sleep', ['100']);
    children.push(child);
    for (const pid of [child.pid ?? 0, 0, 1, -1]) {
      expect(() => sys.killGroupOf(pid, 9), String(pid)).toThrow(/EINVAL|ESRCH/);
    }
    expect(child.signalCode).toBe(null);
  });
});

it('setLineSpeed() sets what another program reads, also a speed that POSIX has no name for', async () => {
  // Node gives a terminal that is its standard input, output or error its old settings back.
  const script = `${process.execPath} --disable-warning=ExperimentalWarning -e '
    import("${import.meta.dirname}/../../sys/linux/linux-sys.ts").then(({ createLinuxSys }) => {
      createLinuxSys().setLineSpeed(3, 250000);
    })' 3<>/dev/tty </dev/null >/dev/null 2>&1; perl -e '
    $t = "\\0" x 44; ioctl(STDIN, 0x802c542a, $t); print unpack("L", substr($t, 40, 4))'`;
  const child = spawn('script', ['-qec', script, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, SHELL: '/bin/sh' },
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
  await once(child, 'close');
  expect(shown).toBe('250000');
  expect(() => sys.setLineSpeed(1_000_000, 9600)).toThrow('EBADF');
});

it('setKeyInput() and hasInput(): a key is there at once, as it is, and without an echo', async () => {
  const script = `${process.execPath} --disable-warning=ExperimentalWarning -e '
    import("${import.meta.dirname}/../../sys/linux/linux-sys.ts").then(({ createLinuxSys }) => {
      const sys = createLinuxSys();
      sys.setKeyInput(3);
      process.stdout.write(sys.hasInput(3) ? "early " : "ready ");
      const look = setInterval(() => {
        if (!sys.hasInput(3)) return;
        clearInterval(look);
        const keys = Buffer.alloc(8);
        process.stdout.write(keys.toString("hex", 0, fs.readSync(3, keys)));
      }, 20);
    })' 3<>/dev/tty </dev/null`;
  const child = spawn('script', ['-qec', script, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, SHELL: '/bin/sh' },
  });
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (shown === 'ready ') child.stdin.write('\r');
  });
  await once(child, 'close');
  expect(shown).toBe('ready 0d');
  expect(() => sys.setKeyInput(1_000_000)).toThrow('EBADF');
});

it.each(['/proc/0/ns/net', '/dev/null', '/proc/self/ns/uts'])(
  'openTcpSocket() of %s, which is no network, fails and leaves nothing open',
  (path) => {
    const before = readdirSync('/proc/self/fd').length;
    expect(() => sys.openTcpSocket(path, 4)).toThrow(/ENOENT|EINVAL|EPERM/);
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  },
);
