/**
 * Starts an image's files as a machine, with KVM when it really works here (accel.ts decides) and with
 * emulation otherwise.
 */
import { readFile } from 'node:fs/promises';
import { errnoCode } from '../../sys/errno.ts';
import { archOfNode } from '../arch.ts';
import { type AccelRequest, hasSerialConsole, KVM_WATCH_MS, planAccel } from './accel.ts';
import type { FirmwareBoot } from './firmware.ts';
import { imageFiles, type RootName } from './image-files.ts';
import { kernelArch } from './kernel-arch.ts';
import { kvmHung, kvmOpens, rememberKvmHung } from './kvm-verdict.ts';
import type { MachineDisk } from './machine-disk.ts';
import type { PortForward } from './port-forward.ts';
import type { KernelBoot } from './qemu-args.ts';
import { startVm, type Vm } from './vm.ts';
import { VmError } from './vm-error.ts';

export interface MachineRequest {
  readonly dir: string;
  readonly name: string;
  /** Boots this and not the image's kernel and initrd. */
  readonly boot?: FirmwareBoot;
  /** The file system that is the machine's root, when that is not in its initrd. */
  readonly root?: MachineRoot;
  readonly accel: AccelRequest;
  readonly consoleLog: string;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly network: boolean;
  readonly publish: readonly PortForward[];
  readonly devices?: readonly string[];
  readonly chardevs?: readonly string[];
  readonly netdevs?: readonly string[];
  readonly objects?: readonly string[];
  /** As for `startVm`. */
  readonly tpmSocket?: string;
  readonly disks?: readonly MachineDisk[];
  readonly serialLines?: readonly string[];
  readonly rebootEnds: boolean;
  readonly timeLimitMs?: number;
  /** As for `startVm`. */
  readonly socketDir?: string;
}

export interface MachineRoot {
  readonly kind: RootName;
  readonly disk: MachineDisk;
}

/** What is known of this host's KVM, and where to remember more (kvm-verdict.ts). */
export interface KvmKnowledge {
  kvmOpens(): Promise<boolean>;
  kvmHung(): Promise<boolean>;
  rememberKvmHung(): Promise<void>;
  /** How long a silent kernel is waited for, see accel.ts. */
  readonly watchMs: number;
}

const THIS_HOST: KvmKnowledge = { kvmOpens, kvmHung, rememberKvmHung, watchMs: KVM_WATCH_MS };

/** @param note gets sentences for the person: why not KVM. Throws `VmError`. */
export async function startMachine(
  request: MachineRequest,
  note: (text: string) => void,
  host: KvmKnowledge = THIS_HOST,
): Promise<Vm> {
  const source = request.boot ?? (await kernelBoot(request));
  // What is on a disk is not looked into: most kernels have a serial console.
  const serialConsole = 'firmware' in source || hasSerialConsole(source.cmdline);
  const arch = 'firmware' in source ? source.arch : await kernelArch(source.kernel);
  const plan = planAccel(request.accel, {
    kvmOpens: await host.kvmOpens(),
    kvmHung: await host.kvmHung(),
    serialConsole,
    foreign: arch !== archOfNode(process.arch),
  });
  if (plan.note !== undefined) note(plan.note);
  const options = { ...request, ...source, arch, accel: plan.accel };
  if (!plan.watch) return startVm(options);

  const started = await startWatched(options, host.watchMs);
  if (typeof started !== 'string') return started;
  note(started);
  if (started === HUNG) await host.rememberKvmHung();
  return startVm({ ...options, accel: 'tcg' });
}

const HUNG = 'KVM opens here, but the kernel says nothing under it: the processor is emulated';
const REFUSED = 'QEMU cannot use KVM here: the processor is emulated';

/** The machine, once its kernel has said something; otherwise why there is none. */
async function startWatched(
  options: Parameters<typeof startVm>[0],
  watchMs: number,
): Promise<Vm | string> {
  const vm = await startVm(options);
  const outcome = await Promise.race([
    vm.console.waitFor(/[^]/, watchMs).then(
      () => vm,
      () => HUNG,
    ),
    // If KVM is not to blame (a port is taken, say), the next start shows the true cause.
    vm.waitForExit().then(() => (vm.console.text() === '' ? REFUSED : vm)),
  ]);
  if (outcome !== vm) await vm.kill();
  return outcome;
}

async function kernelBoot(request: MachineRequest): Promise<KernelBoot> {
  const { dir, name, root } = request;
  const files = imageFiles(dir, name, root?.kind);
  const cmdline = await readCmdline(files.cmdline, request);
  return { ...files, cmdline, ...(root && { rootDisk: root.disk }) };
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
