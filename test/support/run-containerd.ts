/**
 * A program, not a library: what only containerd has. Its API as a client uses it, and containers that end and go
 * on while the daemon is away. Prints what it saw as JSON. Started as run-container.ts is.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createProcessRunner } from '../../init/child-processes.ts';
import { startReaper } from '../../init/reaper.ts';
import { prepareBundle, removeBundle } from '../../runc-shim/bundle.ts';
import { hasGrpcCode } from '../../runc-shim/containerd/grpc-error.ts';
import { processSpec } from '../../runc-shim/oci/generate.ts';
import { renderSpec } from '../../runc-shim/oci/render.ts';
import type { ContainerEnd } from '../../runc-shim/runtime.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import { containerSpec } from './container-specs.ts';
import { shimsGone, type TestContainerd, testContainerd } from './containerd.ts';
import { leftovers, prepareMachine, removeCgroup } from './native-machine.ts';

export interface ContainerdRequest {
  readonly binary: string;
  readonly cgroup: string;
}

export interface ContainerdReport {
  readonly version: string;
  readonly namespaceTwice: boolean;
  readonly containers: readonly string[];
  readonly tasks: readonly string[];
  readonly metrics: readonly string[];
  /** The exit status of a command by containerd's own exec, and what it wrote. */
  readonly exec: readonly [number, string];
  /** By the runtime, while containerd is away: exit and output. */
  readonly execMeanwhile: readonly [unknown, string];
  /** How the one has ended that ended while containerd was away. */
  readonly endedMeanwhile: ContainerEnd;
  /** What containerd knows afterwards of the one that went on, and how that was ended. */
  readonly kept: readonly string[];
  readonly endedLater: ContainerEnd;
  readonly topics: readonly string[];
  readonly missing: boolean;
  readonly leftovers: readonly string[];
  readonly shimsGone: boolean;
}

const sys = createLinuxSys();

if (process.pid !== 1) {
  process.stderr.write('run-containerd: only for PID 1 of its own namespaces\n');
  process.exitCode = 2;
} else {
  const request = JSON.parse(process.argv[2] ?? '') as ContainerdRequest;
  const cgroup = `/sys/fs/cgroup${request.cgroup}`;
  prepareMachine(sys);
  mkdirSync(cgroup);
  try {
    process.stdout.write(JSON.stringify(await play(request)));
  } finally {
    removeCgroup(cgroup);
  }
  process.exit();
}

async function play(request: ContainerdRequest): Promise<ContainerdReport> {
  const runner = createProcessRunner(startReaper(sys));
  const containerd = testContainerd(request, { runner, sys });
  const { client, gate, runtime, begin } = containerd;
  const daemon = begin();
  const version = await gate.pass({ timeoutMs: 30_000 });
  await client.createNamespace();
  const namespaceTwice = await refused(client.createNamespace(), 'already-exists');
  const topics: string[] = [];
  void follow(containerd, topics);
  const short = await run(containerd, request, 'short', 'sleep 2; exit 7');
  const long = await run(containerd, request, 'long', 'exec sleep 1000');
  const containers = (await client.listContainers()).map(({ id }) => id).sort();
  const tasks = (await client.listTasks()).map(({ id, status }) => `${id} ${status}`).sort();
  const metrics = (await client.metrics('long')).map(({ id, data }) => `${id} ${data.typeUrl}`);
  const exec = await execByContainerd(containerd);

  await endDaemon(daemon);
  const endedMeanwhile = await short.end;
  const command = processSpec(containerSpec({ args: ['/bin/echo', 'still here'] }));
  const result = await runtime.exec('long', command, 20_000);
  begin();
  await gate.pass({ timeoutMs: 30_000 });
  const kept = (await client.listTasks()).map(({ id, status }) => `${id} ${status}`);
  await runtime.kill('long', 9);
  const endedLater = await long.end;
  for (const id of ['short', 'long']) {
    await runtime.remove(id);
    removeBundle(sys, id);
  }
  return {
    version,
    namespaceTwice,
    containers,
    tasks,
    metrics,
    exec,
    execMeanwhile: [result.exit, result.output],
    endedMeanwhile,
    kept: kept.filter((task) => task.startsWith('long ')),
    endedLater,
    topics,
    missing: await refused(client.getContainer('long'), 'not-found'),
    shimsGone: await shimsGone(request.cgroup),
    leftovers: leftovers(),
  };
}

/** Resolves when it runs, with the promise of its end. */
async function run(
  { runtime }: TestContainerd,
  { cgroup }: ContainerdRequest,
  id: string,
  script: string,
): Promise<{ readonly end: Promise<ContainerEnd> }> {
  const container = containerSpec({ name: id, rootfs: '/', args: ['/bin/sh', '-c', script] });
  const bundle = prepareBundle(sys, { id, container, cgroupsPath: `${cgroup}/${id}` });
  const paths = outputs(id);
  const nothing = openSync('/dev/null', 'r+');
  const { pid } = await runtime.create(id, bundle, { stdout: nothing, stderr: nothing, paths });
  closeSync(nothing);
  const end = new Promise<ContainerEnd>((resolve) => runtime.watch?.(id, pid, resolve));
  await runtime.start(id);
  return { end };
}

/** Two empty files: a shim opens what is there. */
function outputs(name: string): { readonly stdout: string; readonly stderr: string } {
  const files = { stdout: `/run/${name}.out`, stderr: `/run/${name}.err` };
  for (const file of Object.values(files)) closeSync(openSync(file, 'w'));
  return files;
}

/** As containerd's own clients do it: made, started, waited for, removed. */
async function execByContainerd({ client }: TestContainerd): Promise<[number, string]> {
  const spec = processSpec(
    containerSpec({ args: ['/bin/sh', '-c', 'echo by containerd; exit 5'] }),
  );
  const { stdout, stderr } = outputs('exec');
  const process = renderSpec(spec);
  await client.exec({ id: 'long', execId: 'x', process, stdout, stderr, terminal: false });
  const end = client.wait('long', 'x');
  await client.start('long', 'x');
  const status = await end;
  await client.deleteExec('long', 'x');
  return [status, readFileSync(stdout, 'utf8')];
}

/** Until the daemon goes. */
async function follow({ client }: TestContainerd, topics: string[]): Promise<void> {
  try {
    for await (const { topic, namespace } of client.subscribe(['topic~="/tasks/"'])) {
      topics.push(`${namespace} ${topic}`);
    }
  } catch (error) {
    if (!hasGrpcCode(error, 'unavailable')) throw error;
    topics.push('unavailable');
  }
}

async function endDaemon(daemon: ChildProcess): Promise<void> {
  const gone = once(daemon, 'exit');
  daemon.kill('SIGKILL');
  await gone;
}

async function refused(
  call: Promise<unknown>,
  code: 'already-exists' | 'not-found',
): Promise<boolean> {
  try {
    await call;
    return false;
  } catch (error) {
    return hasGrpcCode(error, code);
  }
}
