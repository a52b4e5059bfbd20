import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { moduleParameters } from '../../../../init/boot/steps/module-parameters.ts';
import { createModuleLoader } from '../../../../init/boot/steps/modules.ts';
import { savePstore } from '../../../../init/boot/steps/pstore.ts';
import { CRASH_DIR, lastCrash } from '../../../../supervisor/inspect/crash.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

let root: string;
let sys: FakeSys;
let told: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pstore-'));
  sys = new FakeSys();
  told = [];
  put('proc/cmdline', 'console=ttyS0\n');
});

afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const save = (): Promise<string | undefined> =>
  savePstore(root, createModuleLoader(sys, root, '6.12'), (severity, text) =>
    told.push(`${severity}: ${text}`),
  );

const PANIC = 'Panic#1 Part1\n<0>[    5.0] Kernel panic - not syncing: no more sea\n';

describe('savePstore()', () => {
  it('moves the records to where they can be read, and tells of the crash', async () => {
    put('sys/fs/pstore/dmesg-erst-1', PANIC);
    put('sys/fs/pstore/console-ramoops-0', 'log\n');
    expect(await save()).toBeUndefined();
    expect(readdirSync(join(root, 'sys/fs/pstore'))).toEqual([]);
    expect(readFileSync(join(root, CRASH_DIR, 'dmesg-erst-1'), 'utf8')).toBe(PANIC);
    expect(told).toEqual([
      "warning: the machine's last run ended in a kernel panic: no more sea (/run/log/pstore)",
    ]);
  });

  it('tells nothing of a run that ended well', async () => {
    put('sys/fs/pstore/console-ramoops-0', 'log\n');
    await save();
    expect(told).toEqual([]);
    expect(existsSync(join(root, CRASH_DIR, 'console-ramoops-0'))).toBe(true);
  });

  it('leaves in pstore what it cannot copy', async () => {
    put('sys/fs/pstore/dmesg-erst-1', PANIC);
    put('run/log/pstore', 'in the way');
    await expect(save()).rejects.toThrow();
    expect(readdirSync(join(root, 'sys/fs/pstore'))).toEqual(['dmesg-erst-1']);
  });

  it('does nothing where there is nothing', async () => {
    expect(await save()).toBe('this kernel has no pstore');
    mkdirSync(join(root, 'sys/fs/pstore'), { recursive: true });
    expect(await save()).toBe('nothing was left');
    expect(existsSync(join(root, CRASH_DIR))).toBe(false);
  });

  it('loads ramoops with its parameters when the command line has some', async () => {
    put('proc/cmdline', 'ramoops.mem_size=0x10000 ramoops.mem_address=0x1f000000\n');
    put('lib/modules/6.12/modules.dep', 'k/ramoops.ko: k/reed_solomon.ko\nk/reed_solomon.ko:\n');
    await save();
    expect(sys.argsOf('loadModule')).toEqual([
      [`${root}/lib/modules/6.12/k/reed_solomon.ko`, ''],
      [`${root}/lib/modules/6.12/k/ramoops.ko`, 'mem_size=0x10000 mem_address=0x1f000000'],
    ]);
  });
});

describe('lastCrash()', () => {
  it('reads what was saved', async () => {
    put('sys/fs/pstore/dmesg-erst-1', PANIC);
    utimesSync(join(root, 'sys/fs/pstore/dmesg-erst-1'), 1_700_000_000, 1_700_000_000);
    await save();
    expect(lastCrash(join(root, CRASH_DIR))).toEqual({
      kind: 'panic',
      summary: 'no more sea',
      time: '2023-11-14T22:13:20.000Z',
      lines: ['[    5.0] Kernel panic - not syncing: no more sea'],
      files: [join(root, CRASH_DIR, 'dmesg-erst-1')],
    });
  });

  it('has nothing when nothing was saved', () => {
    expect(lastCrash(join(root, CRASH_DIR))).toBeUndefined();
  });
});

describe('moduleParameters()', () => {
  it.each([
    ['a.x=1 b.y=2 quiet a.z', 'a', 'x=1 z'],
    ['i-6300.heartbeat=60', 'i_6300', 'heartbeat=60'],
    ['a.text="two words" x', 'a', 'text="two words"'],
    ['"a.text=two words" x', 'a', 'text=two words'],
    ['aa.x=1 ba.x=2 x=a.b', 'a', ''],
    ['quiet -- a.x=1', 'a', ''],
    ['', 'a', ''],
  ])('of %j for %s are %j', (cmdline, module, parameters) => {
    expect(moduleParameters(cmdline, module)).toBe(parameters);
  });
});
