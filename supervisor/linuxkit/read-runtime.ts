/**
 * runtime.json of a bundle: what is to be done beside the container, and where its root comes from. Pure.
 *
 * LinuxKit's builder writes the mounts that make the root into the same list as the user's own, in front:
 *
 *   read-only   a bind of DIR/rootfs, or of another bundle's root of the same image, on DIR/rootfs
 *   writable    a tmpfs on DIR/tmp, that mount made private, an overlay over DIR/lower on DIR/rootfs
 *
 * They are read for where the image's files are, and not carried out: bundle.ts makes the root.
 */
import { join } from 'node:path';
import type {
  ContainerMount,
  NetworkInterface,
  RuntimeSteps,
} from '../../runc-shim/oci/container-spec.ts';
import { type Fields, isFields, isText, listOf, onlyFields, parseFields } from './fields.ts';
import { LinuxkitError } from './linuxkit-error.ts';

export interface BundleRuntime {
  /** Where the image's files are; absent when runtime.json says nothing of it. */
  readonly lower?: string;
  /** How much may be written above them, in the words of tmpfs(5). */
  readonly writableSize?: string;
  readonly steps: RuntimeSteps;
}

const KNOWN = ['cgroups', 'mounts', 'mkdir', 'interfaces', 'bindNS', 'namespace'];
const MOUNT = ['destination', 'type', 'source', 'options'];
const INTERFACE = ['name', 'add', 'peer', 'createInRoot'];
const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'];

/** Throws `LinuxkitError`. @param dir the bundle's directory */
export function parseRuntime(text: string, dir: string): BundleRuntime {
  const path = join(dir, 'runtime.json');
  const place = { path, code: 'runtime-malformed' } as const;
  const fields = parseFields(text, place);
  onlyFields(fields, KNOWN, 'it', path);
  const list = (key: string): readonly string[] => listOf(fields[key], isText, key, place);
  const all = listOf(fields['mounts'], isFields, 'mounts', place).map((each) =>
    mountOf(each, path),
  );
  const isRoots = ({ destination }: ContainerMount): boolean =>
    [join(dir, 'rootfs'), join(dir, 'tmp')].includes(join('/', destination)) &&
    destination.startsWith('/');
  const { namespace } = fields;
  if (namespace !== undefined && namespace !== null && !isText(namespace)) {
    throw new LinuxkitError(place.code, path, 'namespace is no text');
  }
  const steps: RuntimeSteps = {
    mounts: all.filter((mount) => !isRoots(mount)),
    mkdir: list('mkdir'),
    cgroups: list('cgroups'),
    interfaces: listOf(fields['interfaces'], isFields, 'interfaces', place).map((each) =>
      interfaceOf(each, path),
    ),
    bindNS: bindsOf(fields['bindNS'], path),
    ...(isText(namespace) && namespace !== '' ? { namespace } : {}),
  };
  return { ...rootOf(all.filter(isRoots), join(dir, 'rootfs')), steps };
}

/** The mounts of the root, as the header has them. */
function rootOf(
  mounts: readonly ContainerMount[],
  rootfs: string,
): Pick<BundleRuntime, 'lower' | 'writableSize'> {
  const options = mounts.flatMap((mount) => mount.options);
  const bind = mounts.find(
    ({ destination, options: words }) =>
      join('/', destination) === rootfs && (words.includes('bind') || words.includes('rbind')),
  );
  const lower = valueOf(options, 'lowerdir') ?? bind?.source;
  const writableSize = valueOf(options, 'size');
  return {
    ...(lower === undefined ? {} : { lower }),
    ...(writableSize === undefined ? {} : { writableSize }),
  };
}

function valueOf(options: readonly string[], key: string): string | undefined {
  const found = options.find((option) => option.startsWith(`${key}=`));
  return found?.slice(key.length + 1);
}

function mountOf(fields: Fields, path: string): ContainerMount {
  onlyFields(fields, MOUNT, 'a mount', path);
  const place = { path, code: 'runtime-malformed' } as const;
  const { destination, type, source } = fields;
  if (!isText(destination) || destination === '') {
    throw new LinuxkitError(place.code, path, 'a mount has no destination');
  }
  const options = listOf(
    fields['options'],
    isText,
    `the options of the mount ${destination}`,
    place,
  );
  const isBind = options.includes('bind') || options.includes('rbind');
  return {
    destination,
    type: isText(type) ? type : isBind ? 'bind' : '',
    source: isText(source) ? source : '',
    options,
  };
}

function interfaceOf(fields: Fields, path: string): NetworkInterface {
  onlyFields(fields, INTERFACE, 'an interface', path);
  const { name, add, peer, createInRoot } = fields;
  if (!isText(name) || name === '') {
    throw new LinuxkitError('runtime-malformed', path, 'an interface has no name');
  }
  return {
    name,
    ...(isText(add) && add !== '' ? { add } : {}),
    ...(isText(peer) && peer !== '' ? { peer } : {}),
    ...(createInRoot === true ? { createInRoot } : {}),
  };
}

function bindsOf(value: unknown, path: string): Readonly<Record<string, string>> {
  if (value === undefined || value === null) return {};
  if (!isFields(value)) throw new LinuxkitError('runtime-malformed', path, 'bindNS is no object');
  onlyFields(value, NAMESPACES, 'bindNS', path);
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] => isText(entry[1]) && entry[1] !== '',
    ),
  );
}
