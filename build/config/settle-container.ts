/**
 * What holds for a container: what the file says, or else the image's label `org.mobyproject.config`, or else
 * the image's own config, or else the defaults (hardening.ts). Pure.
 *
 * LinuxKit's rules: a key of the file replaces the label's. `.add` adds to the label's list, and counts for
 * nothing where the file has the list itself.
 */
import type { BindMount, ContainerSpec, DeviceRule } from '../../runc-shim/oci/container-spec.ts';
import { volumePath } from '../../supervisor/volume.ts';
import type { Image } from '../image/image-store.ts';
import type { ContainerConfig } from './container-schema.ts';
import type { ContainerSettings } from './container-settings.ts';
import { resolveId } from './container-ids.ts';
import { type Defaults, hardenedTmpfs, HARDENED_SIZE, hardening } from './hardening.ts';
import { labelSettings } from './image-label.ts';
import type { Account } from './image-user.ts';

export interface SettleContext {
  readonly defaults: Defaults;
  /** What the name of a container stands for as a uid or gid. */
  readonly ids: ReadonlyMap<string, number>;
  /** Whom the image's `User` means; absent where it says none. */
  readonly account?: Account | undefined;
}

/** The settings of file and label together, without any default. */
export function statedSettings(
  container: ContainerConfig,
  image: Image,
): ContainerSettings & Pick<ContainerConfig, 'name' | 'image'> {
  const label = labelSettings(image);
  const capabilities =
    container.capabilities ?? added(label.capabilities, container['capabilities.add']);
  const binds = container.binds ?? added(label.binds, container['binds.add']);
  const runtime =
    label.runtime === undefined && container.runtime === undefined
      ? undefined
      : {
          ...label.runtime,
          ...container.runtime,
          bindNS: { ...label.runtime?.bindNS, ...container.runtime?.bindNS },
        };
  return {
    ...label,
    ...container,
    ...(capabilities === undefined ? {} : { capabilities: [...new Set(capabilities)] }),
    ...(binds === undefined ? {} : { binds }),
    ...(runtime === undefined ? {} : { runtime }),
  };
}

function added<T>(
  base: readonly T[] | undefined,
  more: readonly T[] | undefined,
): readonly T[] | undefined {
  return base === undefined ? more : [...base, ...(more ?? [])];
}

/** @param args what it runs; never empty */
export function settleContainer(
  container: ContainerConfig,
  image: Image,
  args: readonly string[],
  context: SettleContext,
): Omit<ContainerSpec, 'rootfs'> {
  const stated = statedSettings(container, image);
  const { capabilities = [], ambient = [], readonly = false, hostname } = stated;
  return {
    name: container.name,
    image: container.image,
    args,
    env: stated.env ?? image.config.env,
    cwd: stated.cwd ?? (image.config.workingDir === '' ? '/' : image.config.workingDir),
    user: userOf(stated, context),
    capabilities,
    ambient,
    ...protection(stated, context.defaults),
    readonly,
    ...writable(stated, context.defaults),
    ...mountsOf(withImageVolumes(stated, image, context.defaults), context.defaults),
    namespaces: namespacesOf(stated),
    ...(hostname === undefined ? {} : { hostname }),
    rlimits: stated.rlimits ?? [],
    ...devicesOf(stated),
    ...present(stated, [
      'umask',
      'sysctl',
      'annotations',
      'oomScoreAdj',
      'rootfsPropagation',
      'uidMappings',
      'gidMappings',
      'timeOffsets',
      'runtime',
    ]),
    ...(stated.terminal === true ? { terminal: true } : {}),
    ...(stated.cgroupsPath === undefined ? {} : { cgroupsPath: rooted(stated.cgroupsPath) }),
    ...(context.defaults === 'linuxkit' ? { defaults: 'linuxkit' } : {}),
  };
}

function userOf(stated: ContainerSettings, { ids, account }: SettleContext): ContainerSpec['user'] {
  const { uid, gid, additionalGids } = stated;
  // Whoever names a user in the file means that one, not the image's with other groups.
  const image = uid === undefined ? account : undefined;
  return {
    uid: uid === undefined ? (image?.uid ?? 0) : resolveId(uid, ids),
    gid: gid === undefined ? (image?.gid ?? 0) : resolveId(gid, ids),
    additionalGids: additionalGids?.map((id) => resolveId(id, ids)) ?? image?.additionalGids ?? [],
  };
}

type Protection = Pick<
  ContainerSpec,
  'noNewPrivileges' | 'seccomp' | 'apparmorProfile' | 'maskedPaths' | 'readonlyPaths'
>;

function protection(stated: ContainerSettings, defaults: Defaults): Protection {
  const base = hardening(defaults, [...(stated.capabilities ?? []), ...(stated.ambient ?? [])]);
  const { apparmor } = stated;
  const seccomp = stated.seccomp ?? base.seccomp;
  const maskedPaths = stated.maskedPaths ?? base.maskedPaths;
  const readonlyPaths = stated.readonlyPaths ?? base.readonlyPaths;
  return {
    noNewPrivileges: stated.noNewPrivileges ?? base.noNewPrivileges,
    ...(seccomp === 'unconfined' ? {} : { seccomp }),
    ...(apparmor === undefined ? {} : { apparmorProfile: apparmor }),
    ...(maskedPaths.length === 0 ? {} : { maskedPaths }),
    ...(readonlyPaths.length === 0 ? {} : { readonlyPaths }),
  };
}

function writable(
  { writableSize }: ContainerSettings,
  defaults: Defaults,
): Pick<ContainerSpec, 'writableSize'> {
  const size = writableSize ?? (defaults === 'hardened' ? HARDENED_SIZE : undefined);
  return size === undefined ? {} : { writableSize: size };
}

/**
 * What an image wants on a volume must be writable in a read-only container, too: in memory there, with what
 * the image has at that place. In any other container it is so anyway.
 */
function withImageVolumes(
  stated: ContainerSettings,
  { config }: Image,
  defaults: Defaults,
): ContainerSettings {
  const { readonly = false, tmpfs = [], binds = [], mounts = [] } = stated;
  if (!readonly || defaults === 'linuxkit') return stated;
  const taken = new Set([...tmpfs, ...binds, ...mounts].map(({ destination }) => destination));
  const free = (config.volumes ?? []).filter((path) => !taken.has(path));
  const inMemory = free.map((destination) => ({ destination, options: ['nodev', 'tmpcopyup'] }));
  return { ...stated, tmpfs: [...tmpfs, ...inMemory] };
}

/** LinuxKit keeps mounts by destination: a later one replaces an earlier, a bind a tmpfs, a mount both. */
function mountsOf(
  { binds = [], tmpfs = [], mounts = [] }: ContainerSettings,
  defaults: Defaults,
): Pick<ContainerSpec, 'binds' | 'tmpfs' | 'mounts'> {
  const named = new Map(mounts.map((mount) => [mount.destination, fromVolume(mount)]));
  const boundTo = new Map(binds.map((bind) => [bind.destination, fromVolume(bind)]));
  const inMemory = new Map(tmpfs.map((mount) => [mount.destination, mount]));
  const isFree = ({ destination }: Pick<BindMount, 'destination'>): boolean =>
    !named.has(destination);
  return {
    binds: [...boundTo.values()].filter(isFree),
    tmpfs: [...inMemory.values()]
      .filter((mount) => isFree(mount) && !boundTo.has(mount.destination))
      .map((mount) => hardenedTmpfs(defaults, mount)),
    ...(named.size === 0 ? {} : { mounts: [...named.values()] }),
  };
}

/** A bind's source that is no path is a volume. (LinuxKit forgets it in `mounts`.) */
function fromVolume<Mount extends BindMount & { readonly type?: string }>(mount: Mount): Mount {
  const { type = 'bind', source } = mount;
  if (type !== 'bind' || source.startsWith('/')) return mount;
  return { ...mount, source: volumePath(source) };
}

function namespacesOf(stated: ContainerSettings): ContainerSpec['namespaces'] {
  const { net = 'host', ipc = 'host', uts = 'host', pid = 'new' } = stated;
  const { userns: user, cgroupns: cgroup, timens: time } = stated;
  return {
    net,
    ipc,
    uts,
    pid,
    ...(user === undefined ? {} : { user }),
    ...(cgroup === undefined ? {} : { cgroup }),
    ...(time === undefined ? {} : { time }),
  };
}

function devicesOf({
  devices = [],
  resources,
}: ContainerSettings): Pick<ContainerSpec, 'devices' | 'resources'> {
  const nodes = devices.flatMap((device) => (device.kind === 'node' ? [device.node] : []));
  const classes = devices.flatMap((device): readonly DeviceRule[] =>
    device.kind === 'class' ? [{ allow: true, type: device.type, access: 'rwm' }] : [],
  );
  const limits =
    classes.length === 0
      ? resources
      : {
          unified: {},
          ...resources,
          devices: [...(resources?.devices ?? []), ...classes],
        };
  return {
    ...(limits === undefined ? {} : { resources: limits }),
    ...(nodes.length === 0 ? {} : { devices: nodes }),
  };
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

function present<Source extends object, Key extends keyof Source>(
  source: Source,
  keys: readonly Key[],
): Pick<Source, Key> {
  const found = keys.filter((key) => source[key] !== undefined).map((key) => [key, source[key]]);
  return Object.fromEntries(found) as Pick<Source, Key>;
}
