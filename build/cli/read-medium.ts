/** What the word after "ishmael run" names: an image by its name, its root, or something that firmware boots. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hasBootRecord } from '../run/boot-record.ts';
import {
  BOOT_BUSES,
  bootMedium,
  PI_CARD,
  type FirmwareBoot,
  readBus,
  readFirmware,
} from '../run/firmware.ts';
import { imageFiles, ROOT_NAMES, type RootFile, rootFile, rootPath } from '../run/image-files.ts';
import type { DiskBus } from '../run/machine-disk.ts';
import type { MachineRequest, MachineRoot } from '../run/start-machine.ts';
import { UsageError } from './cli-error.ts';
import { readArch, readImageName } from './parse-options.ts';

/** Of the machine's request; `dir` only where the file says it. */
export type Medium = Pick<MachineRequest, 'boot' | 'root'> & {
  readonly image: string;
  readonly dir?: string;
};

export interface MediumOptions {
  readonly dir: string;
  readonly firmware?: string;
  readonly bus?: string;
  readonly arch?: string;
  readonly 'secure-boot'?: string;
}

const OF_FIRMWARE = ['firmware', 'arch', 'secure-boot'] as const;

/** Throws `UsageError`. */
export async function readMedium(word: string, options: MediumOptions): Promise<Medium> {
  const path = resolve(options.dir, word);
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) {
    refuse(options, [...OF_FIRMWARE, 'bus'], `is for a file that is booted: no file ${path}`);
    return namedImage(word, resolve(options.dir));
  }
  const root = await rootOf(path);
  if (root !== undefined) {
    refuse(options, OF_FIRMWARE, 'is for a disk that firmware boots');
    const bus = readDiskBus(options.bus ?? 'virtio');
    const { name, kind } = root;
    return { image: readImageName(name), dir: dirname(path), root: machineRoot(kind, path, bus) };
  }
  return bootedFile(word, path, options);
}

/** A root beside its kernel. A disc that boots by itself is none, nor is one that has no initrd for it. */
async function rootOf(path: string): Promise<RootFile | undefined> {
  const root = rootFile(path);
  if (root?.kind !== 'iso') return root;
  const { initrd } = imageFiles(dirname(path), root.name, root.kind);
  return existsSync(initrd) && !(await hasBootRecord(path)) ? root : undefined;
}

function bootedFile(word: string, path: string, options: MediumOptions): Medium {
  const medium = bootMedium(path);
  if (medium === undefined) {
    // A file that happens to be called like an image that is there.
    if (existsSync(imageFiles(resolve(options.dir), word).cmdline))
      return namedImage(word, resolve(options.dir));
    throw new UsageError(`${word} is nothing that a machine boots${hintFor(path)}`);
  }
  const arch = readArch(options.arch ?? 'amd64');
  const firmware =
    options.firmware === undefined ? medium.firmware : readFirmware(options.firmware);
  if (firmware === undefined) throw new UsageError("Option '--firmware' wants bios or uefi");
  const bus = options.bus === undefined ? medium.bootDisk.bus : readDiskBus(options.bus);
  if (arch === 'arm64' && firmware === 'bios') throw new UsageError('arm64 has no BIOS');
  const variables = readVariables(options['secure-boot'], { firmware, arch });
  const boot = { firmware, arch, bootDisk: { path, bus }, ...variables };
  return { image: readImageName(medium.image), boot };
}

function hintFor(path: string): string {
  if (path.endsWith('.img.tar.gz')) return ': unpack its disk.raw and run that';
  return path.endsWith(PI_CARD) ? ': QEMU has no Raspberry Pi 4, write it to a card' : '';
}

function readVariables(
  file: string | undefined,
  { firmware, arch }: Pick<FirmwareBoot, 'firmware' | 'arch'>,
): Pick<FirmwareBoot, 'variables'> {
  if (file === undefined) return {};
  if (firmware !== 'uefi' || arch !== 'amd64') {
    throw new UsageError("Option '--secure-boot' is for UEFI and amd64");
  }
  const variables = resolve(file);
  if (!existsSync(variables)) {
    throw new UsageError(`Option '--secure-boot': there is no file ${file}`);
  }
  return { variables };
}

/** Its initrd, or else a root that was built instead of one. */
function namedImage(word: string, dir: string): Medium {
  const image = readImageName(word);
  if (existsSync(imageFiles(dir, image).initrd)) return { image };
  const kind = ROOT_NAMES.find(
    (each) =>
      existsSync(rootPath(dir, image, each)) && existsSync(imageFiles(dir, image, each).initrd),
  );
  if (kind === undefined) return { image };
  return { image, root: machineRoot(kind, rootPath(dir, image, kind), 'virtio') };
}

function machineRoot(kind: MachineRoot['kind'], path: string, bus: DiskBus): MachineRoot {
  return { kind, disk: { path, bus, readonly: true } };
}

function readDiskBus(text: string): DiskBus {
  const bus = readBus(text);
  if (bus === undefined)
    throw new UsageError(`Option '--bus' wants one of ${BOOT_BUSES.join(', ')}`);
  return bus;
}

function refuse(
  options: MediumOptions,
  names: readonly Exclude<keyof MediumOptions, 'dir'>[],
  why: string,
): void {
  const given = names.find((name) => options[name] !== undefined);
  if (given !== undefined) throw new UsageError(`Option '--${given}' ${why}`);
}
