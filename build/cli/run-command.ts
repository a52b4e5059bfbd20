import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { errorMessage } from '../../sys/errno.ts';
import { connectOverUnixSocket } from '../../supervisor/control/client.ts';
import { keepMachine, type KeepRequest } from '../machine/keep-machine.ts';
import { socketPaths } from '../machine/machine-paths.ts';
import { startDetached } from '../machine/start-detached.ts';
import { DISK_BUSES, type MachineDisk, parseDisk } from '../run/machine-disk.ts';
import type { PortForward } from '../run/port-forward.ts';
import { HOW_TO_LEAVE, runInteractively } from '../run/run-interactively.ts';
import { UsageError } from './cli-error.ts';
import { type Command, EXIT_OK } from './command.ts';
import { machineJson, renderJson } from './machines/json.ts';
import {
  onePositional,
  parseOptions,
  readAccel,
  readCount,
  readForwards,
  readMachineName,
} from './parse-options.ts';
import { readMedium } from './read-medium.ts';

const OPTIONS = {
  detach: { type: 'boolean', short: 'd', default: false },
  name: { type: 'string' },
  json: { type: 'boolean', default: false },
  dir: { type: 'string', default: '.' },
  publish: { type: 'string', multiple: true },
  memory: { type: 'string', default: '512' },
  cpus: { type: 'string', default: '2' },
  accel: { type: 'string', default: 'auto' },
  disk: { type: 'string', multiple: true },
  firmware: { type: 'string' },
  bus: { type: 'string' },
  arch: { type: 'string' },
  'secure-boot': { type: 'string' },
  tpm: { type: 'string' },
  'no-net': { type: 'boolean', default: false },
} as const;

const ANSWER_MS = 10_000;

export const runCommand: Command = {
  name: 'run',
  summary: 'run an image in QEMU, its serial console on this terminal or detached',
  usage: `Usage: ishmael run IMAGE [options]

Runs IMAGE-kernel, IMAGE-initrd.img and IMAGE-cmdline, as "ishmael build" writes them; without an initrd the IMAGE-erofs.img or
IMAGE-squashfs.img that is there. IMAGE may also be a file: one of those, or a disk or a disc, which is then booted by firmware,
UEFI's for *-efi.* and a BIOS otherwise. While the machine runs, "ishmael ps", "status", "logs" and the others reach it by its name.

  -d, --detach          the machine goes on after this command, which prints its name
  --name NAME           of the machine (default: IMAGE, numbered when a machine has that name)
  --json                with --detach: print everything about the new machine, as "ishmael ps --json"
  --dir DIR             where the image's files are (default: .)
  --publish HOST:GUEST  forward a TCP port of 127.0.0.1 to the guest; may be repeated, HOST 0 is any
  --memory MIB          memory of the machine (default: 512)
  --cpus N              processors of the machine (default: 2)
  --disk FILE[,bus=BUS] a disk of the machine: a raw image, or qcow2 by that ending; may be repeated.
                        BUS is virtio (default), nvme, sata, usb, cd or sd
  --firmware WHICH      bios or uefi, for a file whose name does not tell it
  --bus BUS             how the disk that is booted is attached, as for --disk (default: virtio, or cd for *.iso)
  --arch ARCH           amd64 (default) or arm64, of what is on the disk that is booted
  --secure-boot VARS    a file of UEFI variables: firmware starts only what its keys have signed
  --tpm SOCKET          a TPM 2.0: the control socket of an swtpm that runs
  --accel WHICH         kvm, tcg (emulation) or auto (default): KVM where it really works
  --no-net              no network

Examples:
  ishmael run redis --dir dist
  ishmael run dist/redis-efi.qcow2 --bus nvme
  ishmael run dist/redis-squashfs.img --memory 128
  ishmael run --detach redis --dir dist --name cache --publish 6379:6379
`,
  completes: ['file'],
  async run(args) {
    const { values, positionals } = parseOptions(args, OPTIONS);
    const word = onePositional(positionals, 'the NAME of an image');
    const { image, ...medium } = await readMedium(word, values);
    if (values.json && !values.detach) throw new UsageError("Option '--json' wants '--detach' too");
    const request: KeepRequest = {
      ...(values.name === undefined ? {} : { name: readMachineName(values.name) }),
      machine: {
        dir: resolve(values.dir),
        name: image,
        ...medium,
        accel: readAccel(values.accel),
        memoryMiB: readCount('--memory', values.memory, 64),
        cpus: readCount('--cpus', values.cpus, 1),
        network: !values['no-net'],
        publish: readForwards(values.publish ?? []),
        disks: await readDisks(values.disk ?? []),
        ...(values.tpm !== undefined && { tpmSocket: resolve(values.tpm) }),
        rebootEnds: false,
      },
    };
    return values.detach ? runDetached(request, values.json) : runHere(request);
  },
};

/** Files and devices that can be written, or read where that is all a drive does, with absolute paths. */
async function readDisks(texts: readonly string[]): Promise<MachineDisk[]> {
  const disks = await Promise.all(
    texts.map(async (text) => {
      const disk = parseDisk(text);
      if (disk === undefined) {
        throw new UsageError(
          `Option '--disk': not FILE or FILE,bus=${DISK_BUSES.join('|')}: ${text}`,
        );
      }
      const mode = disk.bus === 'cd' ? constants.R_OK : constants.R_OK | constants.W_OK;
      try {
        await access(disk.path, mode);
      } catch (error) {
        throw new UsageError(`Option '--disk': ${errorMessage(error)}`, { cause: error });
      }
      return { ...disk, path: resolve(disk.path) };
    }),
  );
  if (disks.filter(({ bus }) => bus === 'sd').length > 1) {
    throw new UsageError("Option '--disk': a machine has one slot for a card (bus=sd)");
  }
  return disks;
}

async function runDetached(request: KeepRequest, asJson: boolean): Promise<number> {
  const record = await startDetached(request, note);
  const ports = portsText(record.qemu?.ports ?? []);
  if (ports !== '') note(ports);
  process.stdout.write(
    asJson ? renderJson(machineJson({ record, state: 'running' }, Date.now())) : `${record.name}\n`,
  );
  return EXIT_OK;
}

async function runHere(request: KeepRequest): Promise<number> {
  const { record, vm, ended } = await keepMachine(request, note);
  const ports = portsText(vm.forwards);
  note(`${ports === '' ? '' : `${ports}; `}${HOW_TO_LEAVE}`);
  const guest = connectOverUnixSocket(socketPaths(record.sockets).api, { timeoutMs: ANSWER_MS });
  const exitCode = await runInteractively(vm, note, () => guest.post('/v1/poweroff'));
  await ended;
  return exitCode;
}

function portsText(forwards: readonly PortForward[]): string {
  return forwards.map(({ host, guest }) => `127.0.0.1:${host} is its port ${guest}`).join('; ');
}

function note(text: string): void {
  process.stderr.write(`ishmael: ${text}\n`);
}
