/**
 * A checked configuration and its images → the manifest that PID 1 reads. Everything that needs the
 * image or the YAML is decided here, so that the guest only translates.
 */
import { DEFAULT_CONSOLE } from '../../supervisor/console/policy.ts';
import {
  DEFAULT_PANIC_TIMEOUT,
  type Manifest,
  type ManifestContainer,
  MANIFEST_VERSION,
  type OnbootTask,
  type Service,
  volumeTaskId,
} from '../../supervisor/manifest.ts';
import type { Dependency } from '../../supervisor/service/policy.ts';
import { volumePath } from '../../supervisor/volume.ts';
import type { Image } from '../image/image-store.ts';
import {
  compileOnbootPolicy,
  compileOnshutdownPolicy,
  compileServicePolicy,
} from './compile-policy.ts';
import { containerIds } from './container-ids.ts';
import type { ContainerConfig, OnbootConfig, ServiceConfig } from './container-schema.ts';
import type { Account } from './image-user.ts';
import { compileHardening, isTaken } from './machine-hardening.ts';
import { unitIds } from './depends-on.ts';
import { compileSyslog } from './syslog-schema.ts';
import { commandOf } from './resolve-images.ts';
import type { ImageConfigFile } from './schema.ts';
import { type SettleContext, settleContainer } from './settle-container.ts';
import { volumeTasks } from './volume-tasks.ts';

/** Where an image stands in the guest's root. Containers of the same image share it. */
export function imageRootfsPath(digest: string): string {
  const hex = digest.slice(digest.indexOf(':') + 1);
  return `/images/${hex.slice(0, 16)}/rootfs`;
}

/**
 * Throws for a container whose image or command is missing: `resolveImages` reports those before.
 * @param images by reference, as `resolveImages` returns them
 * @param name the machine's name (`--name`)
 * @param accounts whom the `User` of an image means, by reference
 */
export function compileManifest(
  config: ImageConfigFile,
  images: ReadonlyMap<string, Image>,
  name: string,
  accounts: ReadonlyMap<string, Account> = new Map(),
): Manifest {
  const { defaults } = config;
  const ids = containerIds(config);
  const hidesProcesses = isTaken('processes', config);
  const contextOf = (container: ContainerConfig): SettleContext => {
    const account = defaults === 'hardened' ? accounts.get(container.image) : undefined;
    return { defaults, ids, account };
  };
  const units = unitIds(
    config.onboot.map((task, index) => [index, task.name] as const),
    config.services.map((service) => service.name),
  );
  const imageOf = (container: ContainerConfig): Image => {
    const image = images.get(container.image);
    if (image === undefined) throw new Error(`Cannot compile ${container.name}: no image`);
    return image;
  };
  const services = config.services.map((service) => {
    const image = imageOf(service);
    const container = compileContainer(service, image, contextOf(service));
    const policy = compileServicePolicy(service, image, units, defaults);
    const ofVolumes = volumesOf(container, config.volumes);
    return {
      ...container,
      ...(hidesProcesses && { hidesProcesses }),
      policy: { ...policy, dependsOn: [...policy.dependsOn, ...ofVolumes] },
      ...engineOf(service, config),
      preStart: service.preStart,
    };
  });
  const compileOnboot = (task: OnbootConfig): OnbootTask => {
    const image = imageOf(task);
    return {
      ...compileContainer(task, image, contextOf(task)),
      policy: compileOnbootPolicy(task, image),
    };
  };
  const onDisks = volumeTasks(config.volumes, config.onboot).map(({ volume, after, task }) => {
    return { ...compileOnboot(task), volume, after };
  });
  const onshutdown = config.onshutdown.map((task) => {
    const image = imageOf(task);
    return {
      ...compileContainer(task, image, contextOf(task)),
      policy: compileOnshutdownPolicy(task, image),
    };
  });
  const capabilities = [...services, ...onshutdown].flatMap((container) => container.capabilities);
  const hardening = compileHardening(config, new Set(capabilities));
  return {
    version: MANIFEST_VERSION,
    name,
    panicTimeout: config.panic ?? DEFAULT_PANIC_TIMEOUT,
    ...(hardening === undefined ? {} : { hardening }),
    ...(config.syslog.length === 0 ? {} : { syslog: compileSyslog(config.syslog, config) }),
    console: config.console ?? DEFAULT_CONSOLE,
    onboot: config.onboot.map(compileOnboot),
    services,
    onshutdown,
    ...(config.volumes.length === 0
      ? {}
      : {
          volumes: config.volumes.map(({ name: volume, readonly, disk }) => ({
            name: volume,
            readonly,
            ...(disk && { onDisk: true as const }),
          })),
        }),
    ...(config.updates === undefined
      ? {}
      : {
          updates: { goodAfterMs: config.updates.goodAfter, deadlineMs: config.updates.deadline },
        }),
    ...(onDisks.length === 0 ? {} : { volumeTasks: onDisks }),
  };
}

/** Who binds a volume that is on a disk starts when it is mounted, and fails with it: it would write to nowhere. */
function volumesOf(
  { binds, mounts = [] }: ManifestContainer,
  volumes: ImageConfigFile['volumes'],
): readonly Dependency[] {
  const sources = new Set([...binds, ...mounts].map(({ source }) => source));
  return volumes
    .filter(({ name, disk }) => disk !== undefined && sources.has(volumePath(name)))
    .map(({ name }) => ({ unit: volumeTaskId(name), condition: 'completed', required: true }));
}

function engineOf(
  service: ServiceConfig,
  config: Pick<ImageConfigFile, 'engine'>,
): Pick<Service, 'engine'> {
  return (service.engine ?? config.engine) === 'containerd' ? { engine: 'containerd' } : {};
}

function compileContainer(
  container: ContainerConfig,
  image: Image,
  context: SettleContext,
): ManifestContainer {
  const args = commandOf(container, image);
  if (args.length === 0) throw new Error(`Cannot compile ${container.name}: nothing to run`);
  const { name, image: reference, ...rest } = settleContainer(container, image, args, context);
  return {
    name,
    image: reference,
    rootfs: imageRootfsPath(image.digest),
    ...rest,
    ...(container.log === undefined ? {} : { log: container.log }),
  };
}
