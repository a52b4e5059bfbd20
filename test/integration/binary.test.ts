import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../build/binary/bundle.ts';
import { NODE, REPOSITORY } from '../../build/binary/build-init-binary.ts';
import { fileDigest } from '../../build/binary/file-digest.ts';
import { GUEST_FLAGS } from '../../build/binary/guest-flags.ts';
import { packBinary } from '../../build/binary/pack-binary.ts';
import { strippedNode } from '../../build/binary/stripped-node.ts';
import { cacheDir } from '../../build/cache-dir.ts';

const run = promisify(execFile);

interface Facts {
  readonly english: Record<string, unknown>;
  readonly foreign: Record<string, unknown>;
  readonly typescript: unknown;
  readonly execArgv: readonly string[];
  readonly heapLimitMiB: number;
  readonly stack: string;
}

let directory: string;
let whole: string;
let trimmed: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ishmael-binary-'));
  whole = join(directory, 'whole');
  trimmed = join(directory, 'trimmed');
  const node = await strippedNode(
    NODE,
    await fileDigest(NODE, join(cacheDir(), 'digests')),
    cacheDir(),
  );
  const script = await bundle(join(REPOSITORY, 'test/integration/binary-fixture.ts'), REPOSITORY);
  await packBinary({ script, name: 'fixture', node, output: whole, trim: false });
  await packBinary({ script, name: 'fixture', node, output: trimmed });
});

afterAll(() => rm(directory, { recursive: true, force: true }));

async function probe(binary: string, env: Record<string, string> = {}): Promise<Facts> {
  const { stdout, stderr } = await run(binary, ['probe'], { env });
  // A rejected code cache shows here and nowhere else: Node warns and compiles the program again. It
  // stands for the caches of Node's own modules, which are rejected under the same flags but silently.
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Facts;
}

/** Runs a program that prints something and stays, while `look` looks at it. */
async function whileIdle<T>(
  command: readonly [file: string, ...args: string[]],
  env: Record<string, string>,
  look: (pid: number) => Promise<T>,
): Promise<{ seen: T; stderr: string }> {
  const [file, ...args] = command;
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  try {
    await new Promise((resolve, reject) => {
      child.stdout.once('data', resolve);
      child.once('exit', reject);
    });
    if (child.pid === undefined) throw new Error('no pid');
    return { seen: await look(child.pid), stderr };
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

/** Inodes of the sockets the process holds that listen for TCP. */
async function listening(pid: number): Promise<readonly string[]> {
  const { stdout } = await run('ls', ['-l', `/proc/${pid}/fd`]);
  const own = new Set([...stdout.matchAll(/socket:\[(\d+)\]/g)].map(([, inode]) => inode));
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8')),
  );
  return tables
    .flatMap((table) => table.split('\n').map((line) => line.trim().split(/\s+/)))
    .filter((fields) => fields[3] === '0A' && own.has(fields[9]))
    .map((fields) => fields.join(' '));
}

describe('packBinary()', () => {
  it('makes the file at least 28 MB smaller by trimming', async () => {
    const [before, after] = await Promise.all([stat(whole), stat(trimmed)]);
    expect(before.size - after.size).toBeGreaterThan(28e6);
  });

  it('leaves English, Unicode, URLs and time zones as they are', async () => {
    const [before, after] = [await probe(whole), await probe(trimmed)];
    expect(Object.keys(before.english).length).toBeGreaterThanOrEqual(70);
    expect(after.english).toEqual(before.english);
    // When this comes back, the rules of line breaking must too.
    expect(before.english).toMatchObject({ lineBreaking: false });
    expect(Object.values(before.english).filter((value) => value === 'RangeError!')).toEqual([]);
  });

  it('falls back where another language is asked for', async () => {
    const { foreign } = await probe(trimmed);
    expect(foreign).toMatchObject({
      supported: [],
      german: '1,234.5',
      arabic: '1,234.5',
      swedishOrder: ['a', '\u00e4', 'z'],
      polishPlural: 'many',
      names: 'Germany',
      shiftJis: 'RangeError!',
      gbk: 'RangeError!',
      big5: 'RangeError!',
      eucKr: 'RangeError!',
      gb18030: 'RangeError!',
      iso2022: 'RangeError!',
      badLocale: 'RangeError!',
    });
    expect(Object.values(foreign)).not.toContain(null);
  });

  it('speaks other languages untrimmed, so the fallbacks come from trimming', async () => {
    const { foreign } = await probe(whole);
    expect(foreign).toMatchObject({ german: '1.234,5', shiftJis: '\u3042', names: 'Allemagne' });
  });

  it('takes the compiler for TypeScript out, so that using it throws and ends nothing', async () => {
    expect((await probe(whole)).typescript).toMatch(/^let whale\s*$/);
    expect((await probe(trimmed)).typescript).toBe('CompileError!');
  });

  it('gives the same bytes for the same inputs', async () => {
    const again = join(directory, 'again');
    const script = await bundle(join(REPOSITORY, 'test/integration/binary-fixture.ts'), REPOSITORY);
    const node = await strippedNode(
      NODE,
      await fileDigest(NODE, join(cacheDir(), 'digests')),
      cacheDir(),
    );
    await packBinary({ script, name: 'fixture', node, output: again });
    expect((await readFile(again)).equals(await readFile(trimmed))).toBe(true);
  });

  it('leaves nothing beside its output', async () => {
    expect((await readdir(directory)).filter((name) => name.includes('work'))).toEqual([]);
  });
});

describe('the packed binary', () => {
  it('runs under the flags that are built in', async () => {
    const facts = await probe(trimmed);
    expect(facts.execArgv).toEqual(GUEST_FLAGS);
    // 48 of old space and three semi spaces of 1.
    expect(facts.heapLimitMiB).toBe(51);
  });

  it('names the program in stack traces, not the place where it was built', async () => {
    const { stack } = await probe(trimmed);
    expect(stack).toContain('../fixture.js:');
    expect(stack).not.toContain(directory);
  });

  it('takes no flags from NODE_OPTIONS', async () => {
    const env = { NODE_OPTIONS: '--inspect=0 --max-old-space-size=200' };
    expect((await probe(trimmed, env)).heapLimitMiB).toBe(51);
    const { seen, stderr } = await whileIdle([trimmed, 'idle'], env, listening);
    expect(seen).toEqual([]);
    expect(stderr).toBe('');
  });

  it('opens nothing on SIGUSR1, where Node opens the inspector', async () => {
    const signalled = async (pid: number): Promise<readonly string[]> => {
      process.kill(pid, 'SIGUSR1');
      // There is no event for a thing that does not happen; in Node it takes some 20 ms.
      await delay(500);
      return listening(pid);
    };
    const plain = "setInterval(() => {}, 60000); require('fs').writeSync(1, 'idle')";
    const node = await whileIdle([NODE, '--inspect-port=0', '-e', plain], {}, signalled);
    expect(node.seen).toHaveLength(1);
    const { seen, stderr } = await whileIdle([trimmed, 'idle'], {}, signalled);
    expect(seen).toEqual([]);
    expect(stderr).toBe('');
  });

  it('idles with at most four threads and 13 MB of its own', async () => {
    const { seen } = await whileIdle([trimmed, 'idle'], {}, async (pid) => ({
      threads: (await readdir(`/proc/${pid}/task`)).length,
      status: await readFile(`/proc/${pid}/status`, 'utf8'),
    }));
    expect(seen.threads).toBeLessThanOrEqual(4);
    expect(Number(/RssAnon:\s+(\d+)/.exec(seen.status)?.[1])).toBeLessThan(13_000);
  });
});
