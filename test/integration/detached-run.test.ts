/** `run --detach`, `ps`, `stop`, `kill` and `rm` as a person gives them, with a stand-in for QEMU. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MachineJson } from '../../build/cli/machines/json.ts';
import { identify } from '../../build/machine/process-identity.ts';

const ISHMAEL = resolve(import.meta.dirname, '../../build/ishmael.sh');
const FAKE = resolve(import.meta.dirname, '../support/fake-qemu');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ishmael-detached-'));
  writeFileSync(join(folder, 'm-cmdline'), 'console=ttyS0\n');
});
afterEach(() => {
  for (const { name, state } of ps('--all')) if (state !== 'ended') ishmael('kill', name);
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return {
    ...process.env,
    XDG_STATE_HOME: join(folder, 'state'),
    PATH: `${FAKE}${delimiter}${process.env['PATH'] ?? ''}`,
    FAKE_QEMU_NODE: process.execPath,
    ...more,
  };
}

function ishmael(...args: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(ISHMAEL, args, {
    cwd: folder,
    encoding: 'utf8',
    env: environment(),
  });
  return { code: status, stdout, stderr };
}

function ps(...args: readonly string[]): readonly MachineJson[] {
  return JSON.parse(ishmael('ps', '--json', ...args).stdout) as MachineJson[];
}

function start(...args: readonly string[]): MachineJson {
  const { stdout, stderr } = ishmael('run', '--detach', '--json', 'm', '--accel', 'tcg', ...args);
  expect(stderr).not.toContain('Cannot');
  return JSON.parse(stdout) as MachineJson;
}

const machineDir = (name: string): string => join(folder, 'state/ishmael/machines', name);

async function isGone(pid: number): Promise<boolean> {
  for (let count = 0; count < 100; count += 1) {
    if ((await identify(pid)) === undefined) return true;
    await delay(50);
  }
  return false;
}

describe('run --detach', () => {
  it('goes on after the command, numbers the second of a name and refuses a name that is taken', () => {
    const { code, stdout } = ishmael('run', '-d', 'm', '--accel', 'tcg', '--publish', '0:80');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'm\n' });
    expect(start().name).toBe('m-2');
    expect(ishmael('run', '-d', 'm', '--name', 'm')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'ishmael: A machine called "m" runs already\n',
    });
    const machines = ps();
    expect(machines.map(({ name, image, state }) => [name, image, state])).toEqual([
      ['m', 'm', 'running'],
      ['m-2', 'm', 'running'],
    ]);
    expect(machines[0]?.ports).toEqual([{ host: expect.any(Number) as number, guest: 80 }]);
    for (const { pid = 0 } of machines) expect(existsSync(`/proc/${pid}`)).toBe(true);
  });

  it('leaves nothing when it fails, and says what the matter is', () => {
    const { code, stderr } = ishmael('run', '-d', 'ghost');
    expect(code).toBe(1);
    expect(stderr).toContain(join(folder, 'ghost-cmdline'));
    expect(ps('--all')).toEqual([]);
    expect(existsSync(machineDir('ghost'))).toBe(false);
  });

  it('gives the machine its disks', () => {
    const disk = join(folder, 'data.raw');
    writeFileSync(disk, '');
    const { pid = 0 } = start('--disk', 'data.raw');
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    expect(words).toContain('virtio-blk-pci,serial=disk0,drive=disk0');
    expect(words.join(' ')).toContain(`file.filename=${disk}`);
  });

  it('lets firmware boot a file, attached as it is told', () => {
    for (const name of ['edge.iso', 'edge.qcow2']) writeFileSync(join(folder, name), '');
    const words = (...args: readonly string[]): string => {
      const { stdout } = ishmael('run', '--detach', '--json', ...args, '--accel', 'tcg');
      const { pid = 0, image } = JSON.parse(stdout) as MachineJson;
      expect(image).toBe('edge');
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    };
    const disc = words('edge.iso');
    expect(disc).toContain('ide-cd,bus=ahci.0,drive=disk0,bootindex=0');
    expect(disc).not.toContain('-kernel');
    const disk = words(join(folder, 'edge.qcow2'), '--bus', 'nvme', '--firmware', 'uefi');
    expect(disk).toContain('nvme,serial=disk0,drive=disk0,bootindex=0');
    expect(disk).toContain('if=pflash,unit=0,format=raw,readonly=on,file=');
  });

  it('attaches a root that is beside its kernel, by its file or where there is no initrd', () => {
    const put = (...names: readonly string[]): void => {
      for (const name of names) writeFileSync(join(folder, `edge${name}`), '');
    };
    put('-kernel', '-cmdline', '-squashfs.img', '-squashfs-initrd.img', '.iso', '-iso-initrd.img');
    for (const [word, file, initrd] of [
      ['edge-squashfs.img', 'edge-squashfs.img', 'edge-squashfs-initrd.img'],
      ['edge.iso', 'edge.iso', 'edge-iso-initrd.img'],
      ['edge', 'edge-squashfs.img', 'edge-squashfs-initrd.img'],
    ] as const) {
      const { stdout } = ishmael('run', '--detach', '--json', word, '--accel', 'tcg');
      const { pid = 0 } = JSON.parse(stdout) as MachineJson;
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      expect(words).toContain(`-initrd ${join(folder, initrd)}`);
      expect(words).toContain(`read-only=on,file.driver=file,file.filename=${join(folder, file)}`);
    }
  });

  it('takes an image before a file that is called like it and that nothing boots', () => {
    writeFileSync(join(folder, 'm'), 'a program, say');
    const { pid = 0 } = start();
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain(join(folder, 'm-kernel'));
  });

  it.each([
    [['edge.img.tar.gz'], 'unpack its disk.raw'],
    [['edge.txt'], 'nothing that a machine boots'],
    [['edge.iso', '--bus', 'floppy'], "Option '--bus' wants one of"],
    [['edge.iso', '--firmware', 'coreboot'], "Option '--firmware' wants bios or uefi"],
    [['edge.iso', '--arch', 'arm64'], 'arm64 has no BIOS'],
    [['edge.iso', '--secure-boot', 'keys.fd'], "Option '--secure-boot' is for UEFI and amd64"],
    [
      ['edge.iso', '--firmware', 'uefi', '--secure-boot', 'keys.fd'],
      "Option '--secure-boot': there is no file keys.fd",
    ],
    [['edge-squashfs.img', '--arch', 'arm64'], "Option '--arch' is for a disk that firmware boots"],
    [['m', '--firmware', 'uefi'], "Option '--firmware' is for a file that is booted"],
    [['m', '--disk', 'edge.iso,bus=floppy'], "Option '--disk': not FILE or FILE,bus="],
  ])('does not run %j', (args, said) => {
    for (const name of ['edge.iso', 'edge.img.tar.gz', 'edge.txt', 'edge-squashfs.img']) {
      writeFileSync(join(folder, name), '');
    }
    const { code, stderr } = ishmael('run', '-d', ...args);
    expect(stderr).toContain(said);
    expect(code).toBe(2);
  });

  it('puts the sockets elsewhere when the path is too long for them', () => {
    const name = 'n'.repeat(40);
    const deep = join(folder, 'd'.repeat(60));
    mkdirSync(deep);
    const env = environment({ XDG_STATE_HOME: deep });
    const run = (...args: readonly string[]): string =>
      spawnSync(ISHMAEL, args, { cwd: folder, encoding: 'utf8', env }).stdout;
    const text = run('run', '-d', '--json', 'm', '--accel', 'tcg', '--name', name);
    const { socket } = JSON.parse(text) as MachineJson;
    expect(socket.length).toBeLessThan(108);
    expect(existsSync(socket)).toBe(true);
    expect(run('kill', name)).toBe(`${name}: killed\n`);
    run('rm', name);
    expect(existsSync(join(socket, '..'))).toBe(false);
  });

  it('does not outlive its keeper, and ps then says that it has ended', async () => {
    const { name, pid = 0 } = start();
    const keeper = readKeeper(name);
    process.kill(keeper.pid, 'SIGKILL');
    expect(await isGone(pid)).toBe(true);
    expect(ps()).toEqual([]);
    expect(ps('--all')).toMatchObject([{ name, state: 'ended', end: { kind: 'failed' } }]);
    expect(start().name).toBe(name);
  });
});

describe('a machine that has ended', () => {
  it('by itself is listed with its reason, keeps its console log and no socket, and gives its name back', async () => {
    const { name, pid = 0, socket, consoleLog } = start();
    connect(join(machineDir(name), 'console.sock')).end('exit 7');
    expect(await isGone(pid)).toBe(true);
    await isGone(readKeeper(name).pid);
    expect(ps('--all')).toMatchObject([
      { name, state: 'ended', end: { kind: 'failed', text: 'QEMU ended with exit code 7' } },
    ]);
    expect(existsSync(consoleLog)).toBe(true);
    expect(existsSync(socket)).toBe(false);
    const { code, stderr } = ishmael('stop', name);
    expect(code).toBe(3);
    expect(stderr).toContain(
      `has ended: QEMU ended with exit code 7; its console log: ${consoleLog}`,
    );
    expect(start().name).toBe(name);
  });

  it('is forgotten by rm, which leaves alone what runs', () => {
    const { name } = start();
    expect(ishmael('rm', name)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('runs') as string,
    });
    expect(ishmael('kill', name).stdout).toBe(`${name}: killed\n`);
    expect(ishmael('rm', name).code).toBe(0);
    expect(existsSync(machineDir(name))).toBe(false);
    expect(ishmael('rm', name)).toMatchObject({ code: 3 });
  });
});

describe('a keeper whose number somebody else has now', () => {
  it('is not killed, and its machine has ended', async () => {
    const { name, pid = 0 } = start();
    const record = JSON.parse(readFileSync(recordPath(name), 'utf8')) as {
      keeper: { pid: number };
    };
    process.kill(record.keeper.pid, 'SIGKILL');
    await isGone(pid);
    const stranger = spawn('sleep', ['60']);
    try {
      record.keeper.pid = stranger.pid ?? 0;
      writeFileSync(recordPath(name), JSON.stringify(record));
      expect(ps('--all')).toMatchObject([{ name, state: 'ended' }]);
      expect(ishmael('kill', name).code).toBe(3);
      expect(ishmael('stop', name).code).toBe(3);
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      stranger.kill();
      await once(stranger, 'close');
    }
  });
});

describe('stop', () => {
  it('presses the power button of a guest that does not answer, and kills it when its time is over', () => {
    const { name, consoleLog } = start();
    const { code, stdout, stderr } = ishmael('stop', name, '--timeout', '5');
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${name}: killed\n` });
    expect(stderr).toContain('runs on after 5 s');
    expect(existsSync(consoleLog)).toBe(true);
  });

  it('of a machine nobody knows exits 3 and asks for the one that was probably meant', () => {
    start('--name', 'cache');
    const { code, stderr } = ishmael('stop', 'cahe');
    expect(code).toBe(3);
    expect(stderr).toBe('ishmael: No machine is called "cahe": did you mean "cache"?\n');
  });
});

function recordPath(name: string): string {
  return join(machineDir(name), 'machine.json');
}

function readKeeper(name: string): { pid: number } {
  return (JSON.parse(readFileSync(recordPath(name), 'utf8')) as { keeper: { pid: number } }).keeper;
}
