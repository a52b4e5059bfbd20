/**
 * containerd as this machine has it: one connection for everybody, a runtime for each of its namespaces that
 * services are in. Nothing is connected, or loaded for that, before the first call.
 */
import { existsSync } from 'node:fs';
import {
  type ContainerdClient,
  createContainerdClient,
} from '../../runc-shim/containerd/client.ts';
import { CONTAINERD_PROGRAM, CONTAINERD_SOCKET } from '../../runc-shim/containerd/config.ts';
import { type ContainerdGate, createContainerdGate } from '../../runc-shim/containerd/gate.ts';
import { openGrpcChannel } from '../../runc-shim/containerd/grpc-channel.ts';
import {
  createContainerdRuntime,
  DEFAULT_NAMESPACE,
  SHIM_STATE,
} from '../../runc-shim/containerd/runtime.ts';
import { TASK_STATE, waitForShim } from '../../runc-shim/containerd/wait-for-shim.ts';
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import { createExec } from '../../runc-shim/runc/exec.ts';
import type { ContainerRuntime } from '../../runc-shim/runtime.ts';
import type { ProcessRunner } from '../../sys/process-runner.ts';
import type { Sys } from '../../sys/sys.ts';

/** Of the daemon, and of the shims, which outlive it. */
export const CONTAINERD_CGROUP = '/containerd';
export const SHIMS_CGROUP = '/shims';

export interface ContainerdEngine {
  readonly gate: ContainerdGate;
  /** @param binary the OCI runtime that the shims are to call */
  runtimeOf(container: ContainerSpec, context: RuntimeContext): ContainerRuntime;
}

export interface RuntimeContext {
  readonly binary: string;
  readonly runner: ProcessRunner;
  readonly sys: Sys;
}

export function createContainerdEngine(): ContainerdEngine {
  const channel = openGrpcChannel(CONTAINERD_SOCKET);
  const clientOf = (namespace: string): ContainerdClient =>
    createContainerdClient(channel, namespace);
  const gate = createContainerdGate(clientOf(DEFAULT_NAMESPACE));
  const runtimes = new Map<string, ContainerRuntime>();
  return {
    gate,
    runtimeOf(container, context) {
      const namespace = namespaceOf(container);
      const known = runtimes.get(namespace);
      if (known !== undefined) return known;
      const runtime = createContainerdRuntime({
        client: clientOf(namespace),
        gate,
        isInstalled: hasContainerd,
        shim: { binary: context.binary, shimCgroup: SHIMS_CGROUP },
        // A directory of its own: the first command sweeps what an earlier generation has left there.
        exec: createExec({
          ...context,
          root: shimStateOf(container),
          execDir: `/run/ishmael/exec-${namespace}`,
        }),
        waitForShim: (id) => waitForShim(`${TASK_STATE}/${namespace}/${id}`, id),
        processExists: (pid) => existsSync(`/proc/${pid}`),
      });
      runtimes.set(namespace, runtime);
      return runtime;
    },
  };
}

export function hasContainerd(): boolean {
  return existsSync(CONTAINERD_PROGRAM);
}

/** Where the OCI runtime finds a container that is under containerd. */
export function shimStateOf(container: ContainerSpec): string {
  return `${SHIM_STATE}/${namespaceOf(container)}`;
}

function namespaceOf({ runtime }: ContainerSpec): string {
  return runtime?.namespace ?? DEFAULT_NAMESPACE;
}
