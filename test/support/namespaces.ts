/**
 * Runs run-container.ts in namespaces of its own, when this machine lets us: that takes root and a
 * kernel with the cgroup2 hierarchy.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ContainerReport, ContainerRequest } from './run-container.ts';
import type { LaunchRequest, LaunchTale } from './run-launch.ts';

const UNSHARE: readonly string[] = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** A command as root, by sudo for the user that CONTRIBUTING.md lets run the tests. */
export function asRoot(command: string, args: readonly string[]): [string, string[]] {
  return process.getuid?.() === 0 ? [command, [...args]] : ['sudo', ['-n', '--', command, ...args]];
}

/** Why containers cannot run natively here; `undefined` when they can. */
export function nativeContainersMissing(): string | undefined {
  try {
    const script =
      'mount -t tmpfs none /run && mount -t cgroup2 none /run && mkdir /run/a && rmdir /run/a';
    const shell = ['sh', '-c', script.replaceAll('/a', `/test-${process.pid}`)];
    execFileSync(...asRoot('unshare', [...UNSHARE, ...shell]), { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'this machine allows no mount namespace with cgroup2 in it';
  }
}

/** The program `name` as Debian installs it: users' PATH has no sbin. */
export function findProgram(name: string): string | undefined {
  return ['/usr/bin', '/usr/sbin'].map((dir) => join(dir, name)).find((path) => existsSync(path));
}

/** The OCI runtime behind an engine: itself, or the one that containerd calls. Throws when a package is missing. */
export function engineProgram(engine: string): string {
  const paths = [engine, engine === 'containerd' ? 'runc' : engine].map((name) => {
    const path = findProgram(name);
    if (path === undefined) throw new Error(`${name} is missing: install the package ${name}`);
    return path;
  });
  return paths[1] ?? '';
}

export async function runInNamespaces(request: ContainerRequest): Promise<ContainerReport> {
  return (await runProgramInNamespaces('run-container.ts', request)) as ContainerReport;
}

export async function launchInNamespaces(request: LaunchRequest): Promise<LaunchTale> {
  return (await runProgramInNamespaces('run-launch.ts', request)) as LaunchTale;
}

/** Runs a program of this folder as PID 1 of its own namespaces; what it prints is the JSON of its report. */
export async function runProgramInNamespaces(
  name: string,
  request: object,
  { flags = [], timeoutMs = 60_000 }: { flags?: readonly string[]; timeoutMs?: number } = {},
): Promise<unknown> {
  const program = join(import.meta.dirname, name);
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', ...flags];
  const args = [...UNSHARE, ...node, program, JSON.stringify(request)];
  const { stdout } = await promisify(execFile)(...asRoot('unshare', args), { timeout: timeoutMs });
  return JSON.parse(stdout) as unknown;
}
