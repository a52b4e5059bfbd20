/** Packing and unpacking as `ishmael cp` does it on both sides, on a real filesystem. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import { CopyError } from '../../supervisor/copy/copy-error.ts';
import { pack } from '../../supervisor/copy/pack.ts';
import { unpack } from '../../supervisor/copy/unpack.ts';
import { encodeEntry, END_OF_ARCHIVE, padding } from '../../supervisor/tar/encode-entry.ts';

let folder: string;
let leftOut: string[];
const onLeftOut = (why: string): void => void leftOut.push(why);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ishmael-copy-'));
  leftOut = [];
  mkdirSync(join(folder, 'to'));
  return () => rmSync(folder, { recursive: true, force: true });
});

const at = (...parts: readonly string[]): string => join(folder, ...parts);

async function copy(
  from: string,
  to: string,
  { follow = false, modes = 0o7777 } = {},
): Promise<void> {
  const archive = pack(from, { follow, onLeftOut });
  await unpack(archive, to, { isDirectory: false, modes, onLeftOut });
}

describe('a copy', () => {
  it('of a tree has its files, links, modes and times, whatever the names', async () => {
    const long = 'n'.repeat(120);
    mkdirSync(at('tree', long, 'ü'), { recursive: true });
    writeFileSync(at('tree', 'run'), 'x', { mode: 0o755 });
    chmodSync(at('tree', 'run'), 0o4755);
    writeFileSync(at('tree', long, 'ü', 'a\nb'), 'deep');
    writeFileSync(at('tree', 'large'), Buffer.alloc(3_000_001, 7));
    writeFileSync(at('tree', 'none'), '');
    symlinkSync('/nowhere', at('tree', 'link'));
    utimesSync(at('tree', 'run'), 1_000_000, 1_000_000);
    chmodSync(at('tree', long), 0o500);
    utimesSync(at('tree'), 2_000_000, 2_000_000);

    await copy(at('tree'), at('to'));

    expect(lstatSync(at('to', 'tree', 'run'))).toMatchObject({ mode: 0o104755, mtimeMs: 1e9 });
    expect(readFileSync(at('to', 'tree', long, 'ü', 'a\nb'), 'utf8')).toBe('deep');
    expect(readFileSync(at('to', 'tree', 'large'))).toEqual(Buffer.alloc(3_000_001, 7));
    expect(readFileSync(at('to', 'tree', 'none'), 'utf8')).toBe('');
    expect(readlinkSync(at('to', 'tree', 'link'))).toBe('/nowhere');
    expect(lstatSync(at('to', 'tree', long)).mode & 0o777).toBe(0o500);
    expect(lstatSync(at('to', 'tree')).mtimeMs).toBe(2e9);
    expect(leftOut).toEqual([]);
    await copy(at('tree', 'run'), at('to', 'mine'), { modes: 0o777 });
    expect(lstatSync(at('to', 'mine')).mode).toBe(0o100755);
  });

  it('is what tar reads, and may come from tar with all that it writes', async () => {
    mkdirSync(at('tree'));
    writeFileSync(at('tree', 'a'), 'A');
    linkSync(at('tree', 'a'), at('tree', 'b'));
    writeFileSync(at('tree', 'sparse'), 'head');
    truncateSync(at('tree', 'sparse'), 5_000_000);
    const archive = await buffer(Readable.from(pack(at('tree'), { follow: false, onLeftOut })));
    const listed = execFileSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8' });
    expect(listed.split('\n')).toEqual(['tree/', 'tree/a', 'tree/b', 'tree/sparse', '']);

    const theirs = execFileSync('tar', ['-cSf', '-', '-C', folder, 'tree'], {
      maxBuffer: 2 ** 26,
    });
    const options = { isDirectory: true, modes: 0o7777, onLeftOut };
    await unpack(Readable.from([theirs]), at('to'), options);
    expect(readFileSync(at('to', 'tree', 'sparse'))).toEqual(readFileSync(at('tree', 'sparse')));
    expect(lstatSync(at('to', 'tree', 'b')).ino).toBe(lstatSync(at('to', 'tree', 'a')).ino);
  });

  it('goes into a directory that is there, otherwise it is called so', async () => {
    mkdirSync(at('tree'));
    writeFileSync(at('tree', 'a'), 'A');
    await copy(at('tree'), at('to', 'new'));
    expect(readdirSync(at('to', 'new'))).toEqual(['a']);
    await copy(at('tree'), at('to', 'new'));
    expect(readdirSync(at('to', 'new'))).toEqual(['a', 'tree']);
    await copy(`${at('tree')}/.`, at('to'));
    expect(readFileSync(at('to', 'a'), 'utf8')).toBe('A');
    await copy(`${at('tree')}/.`, at('to', 'other'));
    expect(readdirSync(at('to', 'other'))).toEqual(['a']);
    await copy(at('tree', 'a'), at('to', 'b'));
    expect(readFileSync(at('to', 'b'), 'utf8')).toBe('A');
  });

  it('replaces files and links, and never what they point to', async () => {
    writeFileSync(at('a'), 'new');
    writeFileSync(at('kept'), 'old');
    symlinkSync(at('kept'), at('to', 'a'));
    await copy(at('a'), at('to'));
    expect(readFileSync(at('kept'), 'utf8')).toBe('old');
    expect(lstatSync(at('to', 'a')).isFile()).toBe(true);
    expect(readdirSync(at('to'))).toEqual(['a']);
  });

  it('of a link is the link, or with follow what it points to', async () => {
    writeFileSync(at('file'), 'F');
    symlinkSync('file', at('link'));
    await copy(at('link'), at('to', 'one'));
    expect(readlinkSync(at('to', 'one'))).toBe('file');
    await copy(at('link'), at('to'), { follow: true });
    expect(readFileSync(at('to', 'link'), 'utf8')).toBe('F');
  });

  it('leaves out what is no file, and what the kernel makes up', async () => {
    mkdirSync(at('tree'));
    execFileSync('mkfifo', [at('tree', 'pipe')]);
    await copy(at('tree'), at('to'));
    expect(readdirSync(at('to', 'tree'))).toEqual([]);
    expect(leftOut).toEqual([
      `"${at('tree', 'pipe')}" is left out: it is neither file, directory nor symbolic link`,
    ]);
    await copy('/proc/self/status', at('to'));
    expect(readFileSync(at('to', 'status'), 'utf8')).toContain(`Pid:\t${process.pid}\n`);
  });

  it.each([
    ['what is not there', 'nope', 'to', '"FOLDER/nope" does not exist'],
    ['into nowhere', 'file', 'no/where', '"FOLDER/no" is no directory'],
    ['as a directory that is none', 'file', 'other/', '"FOLDER/other/" is no directory'],
    ['as a directory that is not there', 'file', 'nope/', '"FOLDER/nope/" is no directory'],
    ['of a file onto a directory', 'file', 'to', '"FOLDER/to/file" is a directory'],
    ['of a directory onto a file', 'tree', 'other', '"FOLDER/other" is no directory'],
  ])('%s is refused', async (_, from, to, why) => {
    for (const name of ['file', 'other']) writeFileSync(at(name), '');
    mkdirSync(at('tree'));
    mkdirSync(at('to', 'file'));
    const copied = copy(at(from), at(to));
    await expect(copied).rejects.toThrow(new CopyError(why.replace('FOLDER', folder)));
  });
});

describe('an archive that nobody trusts', () => {
  const entry = (name: string, type: string, linkname = '', text = ''): Uint8Array =>
    Buffer.concat([
      encodeEntry({
        name,
        type,
        linkname,
        mode: 0o644,
        uid: 0,
        gid: 0,
        size: text.length,
        mtime: 0,
        major: 0,
        minor: 0,
      }),
      Buffer.from(text),
      padding(text.length),
    ]);

  it.each([
    ['a name that leads out', [entry('../stolen', '0', '', 'x')], 'leads elsewhere'],
    [
      'a file through a link of its own',
      [entry('a', '2', '..'), entry('a/stolen', '0', '', 'x')],
      'is no directory',
    ],
    [
      'a hard link to what is outside',
      [entry('a', '2', '../kept'), entry('b', '1', 'a')],
      'which is no file',
    ],
    ['a hard link that leads out', [entry('b', '1', '../kept')], 'leads elsewhere'],
  ])('writes nothing outside: %s', async (_, entries, why) => {
    writeFileSync(at('kept'), 'old');
    const archive = Readable.from([...entries, END_OF_ARCHIVE]);
    const options = { isDirectory: true, modes: 0o777, onLeftOut };
    await expect(unpack(archive, at('to'), options)).rejects.toThrow(why);
    expect(existsSync(at('stolen'))).toBe(false);
    expect(readFileSync(at('kept'), 'utf8')).toBe('old');
  });

  it('that is cut off leaves no half of a file behind', async () => {
    const whole = Buffer.concat([entry('a', '0', '', 'x'.repeat(5000)), END_OF_ARCHIVE]);
    writeFileSync(at('to', 'a'), 'old');
    const options = { isDirectory: true, modes: 0o777, onLeftOut };
    const cut = Readable.from([whole.subarray(0, 3000)]);
    await expect(unpack(cut, at('to'), options)).rejects.toThrow('unexpected end');
    expect(readdirSync(at('to'))).toEqual(['a']);
    expect(readFileSync(at('to', 'a'), 'utf8')).toBe('old');
  });
});
