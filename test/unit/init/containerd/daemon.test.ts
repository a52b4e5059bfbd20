import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { containerdProgram } from '../../../../init/containerd/daemon.ts';
import type { Program } from '../../../../supervisor/interpreter/process-unit.ts';

let root: string;
let warnings: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ishmael-containerd-'));
  mkdirSync(join(root, 'etc/containerd'), { recursive: true });
  warnings = [];
});
afterEach(() => rmSync(root, { recursive: true }));

function configure(name: string, text: string): void {
  writeFileSync(join(root, 'etc/containerd', name), text);
}

function program(pass: () => Promise<string> = async () => '1.7.24'): Program {
  return containerdProgram({
    gate: { pass },
    openOutputs: async () => ({ stdout: openLog('stdout'), stderr: openLog('stderr') }),
    warn: (text) => warnings.push(text),
    root,
  });
}

const openLog = (name: string): number => openSync(join(root, name), 'a');

describe('containerdProgram()', () => {
  it('has a configuration of ours where the image has none', () => {
    expect(program().args.slice(2)).toEqual(['--config', '/run/ishmael/containerd/config.toml']);
    const text = readFileSync(join(root, 'run/ishmael/containerd/config.toml'), 'utf8');
    expect(text).toContain('io.containerd.grpc.v1.cri');
    for (const cgroup of ['containerd', 'shims']) {
      expect(existsSync(join(root, 'sys/fs/cgroup', cgroup))).toBe(true);
    }
  });

  it("leaves the image's own alone, and one that cliopts names", () => {
    configure('config.toml', 'version = 2');
    expect(program().args.slice(2)).toEqual([]);
    rmSync(join(root, 'etc/containerd/config.toml'));
    configure('runtime-config.toml', 'cliopts = "--config=/mine.toml"');
    expect(program().args.slice(2)).toEqual(['--config=/mine.toml']);
    expect(existsSync(join(root, 'run/ishmael'))).toBe(false);
  });

  it('always listens where PID 1 asks', () => {
    expect(program().args.slice(0, 2)).toEqual(['--address', '/run/containerd/containerd.sock']);
  });

  it('writes to the files that are named, and to its log otherwise', async () => {
    configure('runtime-config.toml', 'stderr = "/var/log/err.log"\ncolour = "red"');
    const fds = await program().openOutputs?.();
    if (fds === undefined) throw new Error('no outputs');
    writeSync(fds.stdout, 'to stdout');
    writeSync(fds.stderr, 'to stderr');
    for (const fd of [fds.stdout, fds.stderr]) closeSync(fd);
    expect(readFileSync(join(root, 'stdout'), 'utf8')).toBe('to stdout');
    expect(readFileSync(join(root, 'var/log/err.log'), 'utf8')).toBe('to stderr');
    expect(warnings).toEqual([
      '/etc/containerd/runtime-config.toml: line 2 is not understood: colour = "red"',
    ]);
  });

  it('runs once it answers', async () => {
    const { signal } = new AbortController();
    await program().answers?.come(signal);
    const refused = program(() => Promise.reject(new Error('version 3 is not known here')));
    await expect(refused.answers?.come(signal)).rejects.toThrow('version 3');
  });
});
