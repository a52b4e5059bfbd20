import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ISHMAEL = resolve(import.meta.dirname, '../../build/ishmael.sh');

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'ishmael-cli-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], command = ISHMAEL): Outcome {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      XDG_CACHE_HOME: join(folder, 'cache'),
      XDG_STATE_HOME: join(folder, 'state'),
    },
  });
  return { code: status, stdout, stderr };
}

describe('ishmael', () => {
  it('runs through a link, from any directory', () => {
    const link = join(folder, 'link');
    symlinkSync(ISHMAEL, link);
    const { code, stdout } = run(['help'], link);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: ishmael COMMAND');
  });

  it('keeps its compiled code in the cache, and says nothing of that to programs it starts', () => {
    run(['help']);
    expect(readdirSync(join(folder, 'cache/ishmael/code'))).not.toEqual([]);
    writeFileSync(join(folder, 'env.yml'), 'kernel: { image: "${NODE_COMPILE_CACHE:-unset}" }\n');
    expect(run(['build', '--dry-run', 'env.yml']).stdout).toContain('image: unset');
  });

  it('spec reads a file from the standard input of a checkout where nothing is built', () => {
    const text =
      'kernel: { image: ishmael/kernel }\nservices: [{ name: a, image: ishmael/redis }]\n';
    const { stdout } = spawnSync(ISHMAEL, ['spec', '-'], {
      input: text,
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
    });
    expect(JSON.parse(stdout)).toHaveProperty('services.a.config.process.args.0', 'redis-server');
  });

  it('exits 2 for bad options, and says which', () => {
    const { code, stdout, stderr } = run(['run', 'a', '--sail']);
    expect(stderr).toContain("'--sail'");
    expect(stderr).not.toContain('    at ');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('run of an image that is not there exits 1 and names the file it misses', () => {
    const { code, stderr } = run(['run', 'ghost']);
    expect(code).toBe(1);
    expect(stderr).toContain(join(folder, 'ghost-cmdline'));
  });
});

describe('ishmael build of a bad file', () => {
  it('reports every problem with its place and a caret, exits 2, writes nothing', () => {
    writeFileSync(
      join(folder, 'bad.yml'),
      [
        'kernel:',
        '  image: ishmael/kernel',
        'servces: []',
        'services:',
        '  - name: one',
        '    image: ishmael/redis',
        '    capabilities: [CAP_FLY]',
        '    binds: [nowhere]',
        '',
      ].join('\n'),
    );
    const before = readdirSync(folder);
    const { code, stdout, stderr } = run(['build', 'bad.yml']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('bad.yml:3:1: ');
    expect(stderr).toContain('bad.yml:7:20: ');
    expect(stderr).toContain('bad.yml:8:13: ');
    expect(stderr.match(/^ +\| +\^+$/gm)).toHaveLength(3);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('reports missing images and images without a command together with everything else', () => {
    const lines = [
      'kernel: {image: ishmael/kernal}',
      'services:',
      '  - {name: one, image: ishmael/runc}',
      '  - {name: two, image: ishmael/busybox, capabilites: []}',
    ];
    writeFileSync(join(folder, 'all.yml'), lines.join('\n'));
    const { code, stderr } = run(['build', 'all.yml']);
    expect(code).toBe(2);
    const places = stderr.split('\n').flatMap((line) => /^all\.yml:\d+:\d+/.exec(line) ?? []);
    expect(places).toEqual(['all.yml:1:17', 'all.yml:3:24', 'all.yml:4:41']);
  });

  it('names an image nobody has before it builds any component', () => {
    writeFileSync(
      join(folder, 'image.yml'),
      'kernel:\n  image: somebody/kernel\ninit:\n  - somebody/init\n',
    );
    const before = readdirSync(folder);
    const { code, stderr } = run(['build', 'image.yml', '--offline']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^image\.yml:4:5: no image "somebody\/init".*--offline/m);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('components show tells what a component is, built or not', () => {
    const { code, stdout } = run(['components', 'show', 'nginx']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^image: ishmael\/nginx\ndigest: .*\npackages: nginx\n/);
    expect(stdout).toContain('command: nginx -g "daemon off;"\nstop signal: SIGQUIT\n');
    expect(stdout).toContain('settings:\n  readonly: true\n');
  });

  it('--no-components does not build what is missing', () => {
    writeFileSync(join(folder, 'kernel.yml'), 'kernel:\n  image: ishmael/kernel\n');
    const { code, stderr } = run(['build', 'kernel.yml', '--no-components']);
    expect(code).toBe(2);
    expect(stderr).toContain('kernel.yml:2:10: ');
    expect(stderr).toContain('components build');
  });
});
