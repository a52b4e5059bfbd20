/**
 * containerd itself, as a system unit: begun anew when it ends, and by each generation of PID 1. Its shims are in
 * another cgroup and go on meanwhile, with the containers that are theirs.
 */
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  CONTAINERD_PLACES,
  CONTAINERD_PROGRAM,
  CONTAINERD_SOCKET,
  renderContainerdConfig,
} from '../../runc-shim/containerd/config.ts';
import type { ContainerdGate } from '../../runc-shim/containerd/gate.ts';
import { makeDirectories } from '../../runc-shim/make-directories.ts';
import type { Program } from '../../supervisor/interpreter/process-unit.ts';
import { closeOutput, type OutputFds } from '../../supervisor/log/outputs.ts';
import { CONTAINERD_CGROUP, SHIMS_CGROUP } from './engine.ts';
import { type ContainerdStart, parseRuntimeConfig } from './runtime-config.ts';

export const CONTAINERD_UNIT = 'containerd';

const START_CONFIG = '/etc/containerd/runtime-config.toml';
const OWN_CONFIG = '/etc/containerd/config.toml';
const CONFIG_DIR = '/run/ishmael/containerd';

/** On an emulated CPU it takes two seconds. */
const ANSWER_MS = 60_000;

export interface DaemonContext {
  readonly gate: ContainerdGate;
  /** Of the unit's log, for what no file was named for. */
  readonly openOutputs: () => Promise<OutputFds>;
  readonly warn: (text: string) => void;
  /** For tests. */
  readonly root?: string;
}

export function containerdProgram({ gate, openOutputs, warn, root = '' }: DaemonContext): Program {
  for (const cgroup of [CONTAINERD_CGROUP, SHIMS_CGROUP]) {
    mkdirSync(`${root}/sys/fs/cgroup${cgroup}`, { recursive: true });
  }
  const start = readStart(root, warn);
  return {
    file: CONTAINERD_PROGRAM,
    args: ['--address', CONTAINERD_SOCKET, ...configArgs(root, start), ...start.cliopts],
    async openOutputs() {
      const { stdout, stderr } = await openOutputs();
      return {
        stdout: replaced(stdout, root, start.stdout),
        stderr: replaced(stderr, root, start.stderr),
      };
    },
    answers: {
      heldFor: 'containerd to answer',
      come: async (signal) => void (await gate.pass({ timeoutMs: ANSWER_MS, signal })),
    },
  };
}

/** The image's own configuration counts as it is, and so does one that `cliopts` names. */
function configArgs(root: string, { cliopts }: ContainerdStart): readonly string[] {
  const isNamed = cliopts.some((word) => /^(-c|--config)(=|$)/.test(word));
  if (isNamed || existsSync(`${root}${OWN_CONFIG}`)) return [];
  mkdirSync(`${root}${CONFIG_DIR}`, { recursive: true, mode: 0o700 });
  const file = `${CONFIG_DIR}/config.toml`;
  writeFileSync(`${root}${file}`, renderContainerdConfig(CONTAINERD_PLACES));
  return ['--config', file];
}

function readStart(root: string, warn: (text: string) => void): ContainerdStart {
  const file = `${root}${START_CONFIG}`;
  const start = parseRuntimeConfig(existsSync(file) ? readFileSync(file, 'utf8') : '');
  for (const problem of start.problems) warn(`${START_CONFIG}: ${problem}`);
  return start;
}

function replaced(fd: number, root: string, file: string | undefined): number {
  if (file === undefined) return fd;
  closeOutput(fd);
  makeDirectories(dirname(`${root}${file}`));
  return openSync(`${root}${file}`, 'a');
}
