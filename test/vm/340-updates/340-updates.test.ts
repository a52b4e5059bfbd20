/**
 * A machine that is updated by its host's command: to a good image, to one that is cut short, to one that somebody else has signed. With
 * `npm run test:updates` also to those that boot and are no good, which takes three boots each until what was there before is back.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildImage } from '../../../build/cli/build-image.ts';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import { withFileLock } from '../../../build/file-lock.ts';
import type { PortForward } from '../../../build/run/port-forward.ts';
import { withDiskImage } from '../../../build/update/disk-image.ts';
import type { UpdateParts } from '../../../supervisor/update/update-shapes.ts';
import { type Outcome, startIshmael } from '../../support/ishmael-command.ts';
import { sshWithKey } from '../../support/ssh-client.ts';
import { checkEveryMoment, mtools, qemuThatLogs } from './every-moment.ts';

const ALL = process.env['ISHMAEL_UPDATES'] === 'all';
const DIR = join(CHECKOUT, 'dist/vm/340-updates');
const DISK = join(DIR, 'machine-efi.img');
/** Sockets are in there, whose paths must be short. */
const STATE = mkdtempSync(join(tmpdir(), 'ishmael-updates-'));
/** What the machine has written since it was started. */
const LOG = join(DIR, 'writes.log');
const SSH_KEY = join(STATE, 'ssh-key');
const KEY = '/usr/share/ovmf/PkKek-1-snakeoil.key';
const CERT = '/usr/share/ovmf/PkKek-1-snakeoil.pem';
/** A boot under emulation and UEFI, with all of the root read. */
const BOOT_MS = 240_000;

function ishmael(...args: readonly string[]): Promise<Outcome> {
  return startIshmael(args, { cwd: DIR, env: { XDG_STATE_HOME: STATE, PATH: path } }).outcome;
}

/** Where the machine is, for somebody on another computer. */
async function elsewhere(): Promise<string> {
  const { stdout } = await ishmael('ps', '--json');
  const [machine] = JSON.parse(stdout) as readonly { readonly ports: readonly PortForward[] }[];
  return `ssh://root@127.0.0.1:${String(machine?.ports[0]?.host)}`;
}

/** @param command of the one service, which is essential */
async function build(
  name: string,
  command: string,
  more = '',
  { settings = '', deadline = '4m' } = {},
): Promise<string> {
  const file = join(DIR, `${name}.yml`);
  await writeFile(
    file,
    `kernel: { image: ishmael/kernel, cmdline: 'console=ttyS0' }
init: [ishmael/init, ishmael/crun]
panic: { action: reboot, delay: 1s }
updates: { goodAfter: 3s, deadline: ${deadline} }
root: { filesystem: erofs, verity: true }
services:
  - name: main
    image: ishmael/busybox
    essential: true
    restart: no
    command: [/bin/sh, -c, '${command}']
${settings}  - name: dhcpcd
    image: ishmael/dhcpcd
  - name: sshd
    image: ishmael/sshd
    binds.add: ['/run/ishmael:/run/ishmael:ro']
files:
  - path: etc/ssh/authorized_keys
    mode: '0600'
    contents: '${await readFile(`${SSH_KEY}.pub`, 'utf8').then((text) => text.trim())}'
${more}`,
  );
  await withFileLock(join(CHECKOUT, 'dist/vm/build.lock'), async () => {
    await buildImage({
      file,
      dir: DIR,
      name,
      formats: ['raw-efi'],
      components: true,
      compression: 'quick',
      progress: () => {},
    });
  });
  return join(DIR, `${name}-efi.img`);
}

/** What is in the boot partition of the machine's disk, as it is there now. */
function bootFiles(): readonly string[] {
  return mtools('mdir', '-b', '-i', `${DISK}@@1M`, '::EFI/Linux')
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('/').at(-1) ?? '')
    .sort();
}

async function partsOf(image: string): Promise<Required<UpdateParts>> {
  const { kernel, root } = await withDiskImage(image, async ({ parts }) => Promise.resolve(parts));
  if (root === undefined) throw new Error(`${image} has no root`);
  return { kernel, root };
}

/** Resolves when `look` has found something. */
async function eventually(what: string, look: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 2 * BOOT_MS;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`${what}: waited in vain`);
    await delay(2000);
  }
}

/** Until the service of the image has said this, in a boot that began after the last. */
async function says(text: string): Promise<void> {
  await eventually(text, async () => {
    const { code, stdout } = await ishmael('logs', 'machine', 'main', '--timeout', '5');
    return code === 0 && stdout.includes(text);
  });
}

async function start(): Promise<void> {
  const run = ['run', '--detach', '--accel', 'tcg', '--name', 'machine', '--publish', '0:22', DISK];
  expect(await ishmael(...run)).toMatchObject({ code: 0 });
}

const update = (image: string, ...more: readonly string[]): Promise<Outcome> =>
  ishmael('update', 'machine', image, ...more);

/** In which `ssh` has the key of the machine. */
let path: string;
let one: string;
let two: string;
const SIGN = `sign: { key: '${join(DIR, 'key.pem')}', cert: '${CERT}' }\n`;

beforeAll(async () => {
  await rm(DIR, { recursive: true, force: true });
  await mkdir(DIR, { recursive: true });
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', SSH_KEY]);
  path = await sshWithKey(STATE, SSH_KEY);
  await qemuThatLogs(STATE, DISK, LOG);
  const words = ['rsa', '-in', KEY, '-passin', 'pass:snakeoil', '-out', join(DIR, 'key.pem')];
  execFileSync('openssl', words, { stdio: 'pipe' });
  one = await build('one', 'echo this is one; exec sleep 100000', SIGN);
  two = await build('two', 'echo this is two; exec sleep 100000', SIGN);
  await copyFile(one, DISK);
  await start();
  await says('this is one');
}, 600_000);
afterAll(async () => {
  await ishmael('kill', 'machine');
  await rm(STATE, { recursive: true, force: true });
});

describe('an image that is not written', () => {
  it('because nobody has signed it: nothing that is there is lost', async () => {
    const foreign = await build('foreign', 'echo this is foreign; exec sleep 100000');
    const { code, stderr } = await update(foreign);
    expect(stderr).toContain('machine: the image is not signed with the key of this machine');
    expect(code).toBe(1);
    expect(bootFiles().filter((name) => name.endsWith('.efi'))).toEqual(['ishmael-1.efi']);
  });

  it('because the command was interrupted', async () => {
    const place = { cwd: DIR, env: { XDG_STATE_HOME: STATE } };
    const command = startIshmael(['update', 'machine', two], place);
    await delay(8000);
    command.interrupt();
    expect((await command.outcome).code).not.toBe(0);
    expect(bootFiles().filter((name) => name.endsWith('.efi'))).toEqual(['ishmael-1.efi']);
  });

  it('because it is none, or has no room for the next one', async () => {
    const none = join(DIR, 'none-efi.img');
    await writeFile(none, 'nothing');
    expect((await update(none)).stderr).toContain('is no raw-efi disk of "ishmael build"');
  });
});

describe('a good image, from another computer', () => {
  it('is on trial when it is booted, and then the one that is booted', async () => {
    const { code, stderr } = await ishmael('update', await elsewhere(), two, '--reboot');
    expect(stderr).toContain('ishmael-2+3.efi is booted next');
    expect(code).toBe(0);
    await says('this is two');
    const { stdout } = await ishmael('logs', 'machine', 'ishmael');
    expect(stdout).toContain('this image is on trial');
    await eventually('the end of the trial', async () => {
      await Promise.resolve();
      return bootFiles().includes('ishmael-2.efi');
    });
    expect(bootFiles()).toEqual(['ishmael-1.efi', 'ishmael-2.efi']);
  }, 600_000);

  it('leaves a disk that boots at every moment, whatever had been written when the power went', async () => {
    const disk = join(DIR, 'moments.img');
    await copyFile(one, disk);
    const [before, after] = [await partsOf(one), await partsOf(two)];
    const began = performance.now();
    const moments = await checkEveryMoment({ path: disk, log: LOG, before, after, slot: 'root-a' });
    process.stdout.write(
      `${moments} moments of an update, ${Math.round(performance.now() - began)} ms\n`,
    );
    expect(moments).toBeGreaterThan(100);
    await rm(disk);
  }, 600_000);

  it('is not on trial once more when PID 1 is executed again', async () => {
    const { port } = new URL(await elsewhere());
    execFileSync('ssh', ['-p', port, 'root@127.0.0.1', 'kill -SEGV 1'], {
      env: { ...process.env, PATH: path },
      stdio: 'pipe',
    });
    await eventually('generation 1', async () => {
      const { stdout } = await ishmael('status', 'machine', '--json', '--timeout', '5');
      return stdout.includes('"generation": 1');
    });
    await delay(15_000);
    const { stdout } = await ishmael('logs', 'machine', 'ishmael');
    expect(stdout.match(/this image is on trial/gu)).toHaveLength(1);
    expect((await ishmael('status', 'machine', 'main')).code).toBe(0);
  }, 300_000);

  it('is booted again, without a trial, when the power is cut while it is updated itself', async () => {
    const place = { cwd: DIR, env: { XDG_STATE_HOME: STATE } };
    const command = startIshmael(['update', 'machine', one], place);
    await delay(15_000);
    await ishmael('kill', 'machine');
    expect((await command.outcome).code).not.toBe(0);
    await ishmael('rm', 'machine');
    // As the power may leave it between two writes of a rename (every-moment.ts): the newest one, and empty.
    const empty = join(DIR, 'empty');
    await writeFile(empty, '');
    mtools('mcopy', '-i', `${DISK}@@1M`, empty, '::EFI/Linux/ishmael-9+3.efi');
    await start();
    await says('this is two');
    const { stdout } = await ishmael('logs', 'machine', 'ishmael');
    expect(stdout).not.toContain('trial');
  }, 600_000);
});

const noGoodImages = (): void => {
  const noGood = async (
    name: string,
    command: string,
    settings = '',
    deadline = '4m',
  ): Promise<void> => {
    const image = await build(name, command, SIGN, { settings, deadline });
    expect(await update(image, '--reboot')).toMatchObject({ code: 0 });
    await eventually(`three tries of ${name}`, async () => {
      await Promise.resolve();
      return bootFiles().some((file) => /^ishmael-\d+\+0-3\.efi$/u.test(file));
    });
    await says('this is two');
  };

  it('is tried three times when its service fails, and is not booted any more', async () => {
    await noGood('failing', 'echo this is failing; exit 1');
  }, 900_000);

  it('is written over by the next, and tried three times when it panics', async () => {
    const command = 'echo this is panicking; sleep 3; echo c > /proc/sysrq-trigger';
    await noGood('panicking', command, '    readonlyPaths: []\n');
    expect(bootFiles()).toHaveLength(2);
  }, 900_000);

  it('is tried three times when PID 1 dies again and again', async () => {
    const command = 'echo this is deadly; while sleep 2; do kill -SEGV 1; done';
    await noGood('deadly', command, '    pid: host\n    capabilities: [CAP_KILL]\n');
  }, 900_000);

  it('is started again when its service is not well in time, and tried three times', async () => {
    const command = 'echo this is waiting; exec sleep 100000';
    await noGood('waiting', command, '    readiness: notify\n    startTimeout: 1h\n', '40s');
  }, 900_000);
};

// A test that is skipped counts as one that has failed.
if (ALL) describe('an image that is no good', noGoodImages);
