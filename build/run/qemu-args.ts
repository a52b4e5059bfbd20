/**
 * QEMU's command line for a machine. Pure: paths and ports come in, words go out.
 *
 * The machine is a bare q35, or virt for arm64 (`-nodefaults`): no VGA, disk, or floppy for the firmware to look at, which
 * is time under TCG. The serial line is a unix socket that QEMU waits for (`wait=on`), so that no output
 * is lost, and that QEMU itself copies to a file, which is whole even when our process dies.
 */
import type { ArchName } from '../arch.ts';
import { type FirmwareBoot, firmwareArgs } from './firmware.ts';
import { diskArgs, type MachineDisk } from './machine-disk.ts';
import type { PortForward } from './port-forward.ts';

/** The name of the virtio-serial port behind which the guest serves its control API. */
export const CONTROL_PORT_NAME = 'ishmael.control.0';

export type Accel = 'kvm' | 'tcg';

/** QEMU loads the kernel itself. */
export interface KernelBoot {
  readonly kernel: string;
  readonly initrd: string;
  /** The kernel's command line itself. */
  readonly cmdline: string;
  /** Holds the machine's root, where that is not in the initrd. Behind all others: what they are called is as without it. */
  readonly rootDisk?: MachineDisk;
}

export type BootSource = KernelBoot | FirmwareBoot;

export type MachineOptions = MachineHardware & BootSource;

export interface MachineHardware {
  readonly accel: Accel;
  /** Of the kernel; default: amd64. */
  readonly arch?: ArchName;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Without it the guest has no network interface but its loopback. */
  readonly network: boolean;
  /** Each bound to 127.0.0.1 of the host. Of no meaning without `network`. */
  readonly publish: readonly PortForward[];
  /** QEMU ends when the guest reboots. */
  readonly rebootEnds: boolean;
  readonly serialSocket: string;
  readonly consoleLog: string;
  readonly controlSocket: string;
  /** Where QEMU takes orders about the machine (QMP). */
  readonly monitorSocket: string;
  /** More devices, as QEMU's `-device` has them: `i6300esb`. */
  readonly devices: readonly string[];
  /** Other networks than the first, as QEMU's `-netdev` has them: `socket,id=lan,mcast=…`. */
  readonly netdevs: readonly string[];
  /** Other ends of character devices, as QEMU's `-chardev` has them: `socket,id=…`. */
  readonly chardevs: readonly string[];
  /** What those devices stand on, as QEMU's `-object` has it: `memory-backend-file,…`. */
  readonly objects: readonly string[];
  /** The socket of a TPM 2.0 that somebody emulates (swtpm(8), its control channel). */
  readonly tpmSocket?: string;
  readonly disks: readonly MachineDisk[];
  /** Serial lines after the first, each as QEMU's `-serial` has it: `/dev/pts/3`. */
  readonly serialLines: readonly string[];
}

export function qemuArgs(options: MachineOptions): string[] {
  const words: readonly (readonly string[])[] = [
    ['-nodefaults'],
    ['-no-user-config'],
    ['-display', 'none'],
    ...(options.rebootEnds ? [['-no-reboot'] as const] : []),
    ['-machine', `${MACHINES[options.arch ?? 'amd64']}${isSecure(options) ? ',smm=on' : ''}`],
    ...accelOptions(options),
    ['-m', String(options.memoryMiB)],
    ['-smp', String(options.cpus)],
    ...bootOptions(options),
    ...serialOptions(options),
    ...controlOptions(options),
    ['-device', 'virtio-rng-pci'],
    ...(options.network ? networkOptions(options.publish) : []),
    diskOptions(options),
    ...options.netdevs.map((netdev) => ['-netdev', netdev] as const),
    ...options.chardevs.map((chardev) => ['-chardev', chardev] as const),
    ...options.objects.map((object) => ['-object', object] as const),
    ...options.devices.map((device) => ['-device', device] as const),
    ...tpmOptions(options),
    ...monitorOptions(options),
  ];
  return words.flat();
}

function diskOptions(options: MachineOptions): readonly string[] {
  if ('firmware' in options) return diskArgs([options.bootDisk, ...options.disks], true);
  const { disks, rootDisk } = options;
  return diskArgs(rootDisk === undefined ? disks : [...disks, rootDisk]);
}

function isSecure(options: MachineOptions): boolean {
  return 'firmware' in options && options.variables !== undefined;
}

function bootOptions(options: BootSource): readonly (readonly string[])[] {
  if ('firmware' in options) return [firmwareArgs(options)];
  const { kernel, initrd, cmdline } = options;
  return [
    ['-kernel', kernel],
    ['-initrd', initrd],
    ['-append', cmdline],
  ];
}

type Option = readonly [option: string] | readonly [option: string, value: string];

const MACHINES: Readonly<Record<ArchName, string>> = {
  // No AHCI: the guest's kernel would spend 0.6 s under TCG on six links without a disk.
  amd64: 'q35,sata=off',
  arm64: 'virt',
};

/** Emulated; on arm64 not "max", whose signed pointers and long vectors cost more than they give. */
const CPUS: Readonly<Record<ArchName, string>> = { amd64: 'max', arm64: 'cortex-a72' };

function accelOptions({ accel, arch = 'amd64' }: MachineHardware): Option[] {
  if (accel === 'kvm') {
    return [
      ['-accel', 'kvm'],
      ['-cpu', 'host'],
    ];
  }
  return [
    ['-accel', 'tcg,thread=multi'],
    ['-cpu', CPUS[arch]],
  ];
}

function serialOptions({ serialSocket, consoleLog, serialLines }: MachineHardware): Option[] {
  const socket = `socket,id=serial,path=${quote(serialSocket)},server=on,wait=on`;
  return [
    ['-chardev', `${socket},logfile=${quote(consoleLog)},logappend=off`],
    ['-serial', 'chardev:serial'],
    ...serialLines.map((line) => ['-serial', line] as const),
  ];
}

function controlOptions({ controlSocket }: MachineHardware): Option[] {
  return [
    ['-device', 'virtio-serial-pci'],
    ['-chardev', `socket,id=control,path=${quote(controlSocket)},server=on,wait=off`],
    ['-device', `virtserialport,chardev=control,name=${CONTROL_PORT_NAME}`],
  ];
}

function monitorOptions({ monitorSocket }: MachineHardware): Option[] {
  return [
    ['-chardev', `socket,id=monitor,path=${quote(monitorSocket)},server=on,wait=off`],
    ['-mon', 'chardev=monitor,mode=control'],
  ];
}

function tpmOptions({ tpmSocket }: MachineHardware): Option[] {
  if (tpmSocket === undefined) return [];
  return [
    ['-chardev', `socket,id=tpm,path=${quote(tpmSocket)}`],
    ['-tpmdev', 'emulator,id=tpm0,chardev=tpm'],
    ['-device', 'tpm-tis,tpmdev=tpm0'],
  ];
}

function networkOptions(publish: readonly PortForward[]): Option[] {
  const forwards = publish.map(({ host, guest }) => `,hostfwd=tcp:127.0.0.1:${host}-:${guest}`);
  return [
    ['-netdev', `user,id=net0${forwards.join('')}`],
    // No boot ROM: the machine never boots from the network.
    ['-device', 'virtio-net-pci,netdev=net0,romfile='],
  ];
}

/** In QEMU's `key=value,…` words a comma inside a value is written twice. */
function quote(value: string): string {
  return value.replaceAll(',', ',,');
}
