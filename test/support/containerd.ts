/**
 * A containerd for programs that run containers as PID 1 of namespaces of their own (native-machine.ts): all that
 * it has lies in their own /run, and it ends with them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ContainerdClient,
  createContainerdClient,
} from '../../runc-shim/containerd/client.ts';
import {
  CONTAINERD_PLACES,
  CONTAINERD_PROGRAM,
  renderContainerdConfig,
} from '../../runc-shim/containerd/config.ts';
import { type ContainerdGate, createContainerdGate } from '../../runc-shim/containerd/gate.ts';
import { openGrpcChannel } from '../../runc-shim/containerd/grpc-channel.ts';
import {
  createContainerdRuntime,
  DEFAULT_NAMESPACE,
  SHIM_STATE,
} from '../../runc-shim/containerd/runtime.ts';
import { TASK_STATE, waitForShim } from '../../runc-shim/containerd/wait-for-shim.ts';
import { createExec } from '../../runc-shim/runc/exec.ts';
import type { ContainerRuntime } from '../../runc-shim/runtime.ts';
import type { ProcessRunner } from '../../sys/process-runner.ts';
import type { Sys } from '../../sys/sys.ts';
import { allowedHere } from './native-machine.ts';

export interface TestContainerd {
  readonly runtime: ContainerRuntime;
  readonly client: ContainerdClient;
  readonly gate: ContainerdGate;
  /** Starts the daemon, once more after it was killed. */
  readonly begin: () => ChildProcess;
}

const CONFIG = '/run/containerd.toml';
export const CONTAINERD_LOG = '/run/containerd.log';

/** @param cgroup below the cgroup2 mount; the shims get one in it */
export function testContainerd(
  { binary, cgroup }: { readonly binary: string; readonly cgroup: string },
  { runner, sys }: { readonly runner: ProcessRunner; readonly sys: Sys },
): TestContainerd {
  const shimCgroup = `${cgroup}/shims`;
  mkdirSync(`/sys/fs/cgroup${shimCgroup}`, { recursive: true });
  writeFileSync(CONFIG, renderContainerdConfig({ ...CONTAINERD_PLACES, root: '/run/root' }));
  const channel = openGrpcChannel(CONTAINERD_PLACES.socket);
  const client = createContainerdClient(channel, DEFAULT_NAMESPACE);
  const gate = createContainerdGate(client);
  const runtime = createContainerdRuntime({
    client,
    gate,
    isInstalled: () => existsSync(CONTAINERD_PROGRAM),
    shim: { binary, shimCgroup },
    exec: createExec({
      binary,
      runner,
      sys,
      root: `${SHIM_STATE}/${DEFAULT_NAMESPACE}`,
      execDir: '/run/ishmael/exec',
    }),
    waitForShim: (id) => waitForShim(`${TASK_STATE}/${DEFAULT_NAMESPACE}/${id}`, id),
    processExists: (pid) => existsSync(`/proc/${pid}`),
  });
  return { runtime: allowedHere({ ...runtime, name: basename(binary) }), client, gate, begin };
}

function begin(): ChildProcess {
  const log = openSync(CONTAINERD_LOG, 'a');
  return spawn(CONTAINERD_PROGRAM, ['--config', CONFIG], { stdio: ['ignore', log, log] });
}

/** Whether all shims have ended, as they do after their last container; it takes them a moment. */
export async function shimsGone(cgroup: string): Promise<boolean> {
  const shims = `/sys/fs/cgroup${cgroup}/shims/cgroup.procs`;
  for (let tries = 0; tries < 100; tries += 1) {
    if (!existsSync(shims) || readFileSync(shims, 'utf8') === '') return true;
    await delay(50);
  }
  return false;
}
