/**
 * Starts an image's files as a machine, with KVM when it really works here (accel.ts decides) and with
 * emulation otherwise.
 */
import { readFile } from 'node:fs/promises';
import { errnoCode } from '../../sys/errno.ts';
import { type AccelRequest, hasSerialConsole, planAccel } from './accel.ts';
import { imageFiles } from './image-files.ts';
import { kvmHung, kvmOpens, rememberKvmHung } from './kvm-verdict.ts';
import type { PortForward } from './port-forward.ts';
import { startVm, type Vm } from './vm.ts';
import { VmError } from './vm-error.ts';

export interface MachineRequest {
  readonly dir: string;
  readonly name: string;
  readonly accel: AccelRequest;
  readonly consoleLog: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly network: boolean;
  readonly publish: readonly PortForward[];
  readonly rebootEnds: boolean;
  readonly timeLimitMs?: number;
}

/** What is known of this host's KVM, and where to remember more (kvm-verdict.ts). */
export interface KvmKnowledge {
  kvmOpens(): Promise<boolean>;
  kvmHung(): Promise<boolean>;
  rememberKvmHung(): Promise<void>;
}

/** @param note gets sentences for the person: why not KVM. Throws `VmError`. */
export async function startMachine(
  request: MachineRequest,
  note: (text: string) => void,
  host: KvmKnowledge = { kvmOpens, kvmHung, rememberKvmHung },
): Promise<Vm> {
  const files = imageFiles(request.dir, request.name);
  const cmdline = await readCmdline(files.cmdline, request);
  const plan = planAccel(request.accel, {
    kvmOpens: await host.kvmOpens(),
    kvmHung: await host.kvmHung(),
    serialConsole: hasSerialConsole(cmdline),
  });
  if (plan.note !== undefined) note(plan.note);
  const options = { ...request, ...files, cmdline, accel: plan.accel };
  if (plan.watchMs === undefined) return startVm(options);

  const vm = await startWatched(options, plan.watchMs);
  if (vm !== undefined) return vm;
  note(
    `KVM opens here, but the kernel said nothing within ${plan.watchMs / 1000} s: emulating instead`,
  );
  await host.rememberKvmHung();
  return startVm({ ...options, accel: 'tcg' });
}

/** The machine, once its kernel has said something; `undefined` when it stayed silent or QEMU refused. */
async function startWatched(
  options: Parameters<typeof startVm>[0],
  watchMs: number,
): Promise<Vm | undefined> {
  let vm: Vm;
  try {
    vm = await startVm(options);
  } catch (error) {
    // QEMU may refuse KVM itself (a device that opens but has no extensions); TCG shows other causes.
    if (error instanceof VmError && error.code === 'not-started') return undefined;
    throw error;
  }
  const spoke = await Promise.race([
    vm.console.waitFor(/[^]/, watchMs).then(
      () => true,
      () => false,
    ),
    vm.waitForExit().then(() => vm.console.text() !== ''),
  ]);
  if (spoke) return vm;
  await vm.kill();
  return undefined;
}

async function readCmdline(path: string, { dir, name }: MachineRequest): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT') throw error;
    const message = `No image named "${name}" in ${dir}: ${path} is missing; build it with "ishmael build"`;
    throw new VmError('no-image', message, { cause: error });
  }
}
