/**
 * A checked configuration and its images → the manifest that PID 1 reads. Everything that needs the
 * image or the YAML is decided here, so that the guest only translates.
 */
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import {
  DEFAULT_PANIC_TIMEOUT,
  type Manifest,
  type ManifestContainer,
  MANIFEST_VERSION,
} from '../../supervisor/manifest.ts';
import type { Image } from '../image/image-store.ts';
import {
  compileOnbootPolicy,
  compileOnshutdownPolicy,
  compileServicePolicy,
} from './compile-policy.ts';
import { containerIds, resolveId } from './container-ids.ts';
import type { ContainerConfig } from './container-schema.ts';
import { unitIds } from './depends-on.ts';
import { compileSyslog } from './syslog-schema.ts';
import { commandOf } from './resolve-images.ts';
import type { ImageConfigFile } from './schema.ts';

/** Where an image stands in the guest's root. Containers of the same image share it. */
export function imageRootfsPath(digest: string): string {
  const hex = digest.slice(digest.indexOf(':') + 1);
  return `/images/${hex.slice(0, 16)}/rootfs`;
}

/**
 * Throws for a container whose image or command is missing: `resolveImages` reports those before.
 * @param images by reference, as `resolveImages` returns them
 * @param name the machine's name (`--name`)
 */
export function compileManifest(
  config: ImageConfigFile,
  images: ReadonlyMap<string, Image>,
  name: string,
): Manifest {
  const ids = containerIds(config);
  const units = unitIds(
    config.onboot.map((task, index) => [index, task.name] as const),
    config.services.map((service) => service.name),
  );
  const imageOf = (container: ContainerConfig): Image => {
    const image = images.get(container.image);
    if (image === undefined) throw new Error(`Cannot compile ${container.name}: no image`);
    return image;
  };
  return {
    version: MANIFEST_VERSION,
    name,
    panicTimeout: config.panic ?? DEFAULT_PANIC_TIMEOUT,
    ...(config.syslog.length === 0 ? {} : { syslog: compileSyslog(config.syslog, config) }),
    onboot: config.onboot.map((task) => {
      const image = imageOf(task);
      return { ...compileContainer(task, image, ids), policy: compileOnbootPolicy(task, image) };
    }),
    services: config.services.map((service) => {
      const image = imageOf(service);
      const policy = compileServicePolicy(service, image, units);
      return { ...compileContainer(service, image, ids), policy, preStart: service.preStart };
    }),
    onshutdown: config.onshutdown.map((task) => {
      const image = imageOf(task);
      return {
        ...compileContainer(task, image, ids),
        policy: compileOnshutdownPolicy(task, image),
      };
    }),
  };
}

function compileContainer(
  container: ContainerConfig,
  image: Image,
  ids: ReadonlyMap<string, number>,
): ManifestContainer {
  const args = commandOf(container, image);
  if (args.length === 0) throw new Error(`Cannot compile ${container.name}: nothing to run`);
  const { name, ambient, net, ipc, uts, pid, readonly, noNewPrivileges, rlimits } = container;
  return {
    name,
    image: container.image,
    rootfs: imageRootfsPath(image.digest),
    args,
    env: container.env ?? image.config.env,
    cwd: container.cwd ?? (image.config.workingDir === '' ? '/' : image.config.workingDir),
    user: {
      uid: resolveId(container.uid, ids),
      gid: resolveId(container.gid, ids),
      additionalGids: container.additionalGids.map((id) => resolveId(id, ids)),
    },
    // An ambient capability that is not also permitted is refused by the kernel.
    capabilities: [...new Set([...container.capabilities, ...ambient])],
    ambient,
    noNewPrivileges,
    readonly,
    ...compileMounts(container),
    namespaces: { net, ipc, uts, pid },
    ...(container.hostname === undefined ? {} : { hostname: container.hostname }),
    rlimits,
    ...(container.resources === undefined ? {} : { resources: container.resources }),
    ...(container.log === undefined ? {} : { log: container.log }),
  };
}

/** LinuxKit keeps mounts by destination: a later one replaces an earlier, and a bind replaces a tmpfs. */
function compileMounts({ binds, tmpfs }: ContainerConfig): Pick<ContainerSpec, 'binds' | 'tmpfs'> {
  const boundTo = new Map(binds.map((bind) => [bind.destination, bind]));
  const inMemory = new Map(tmpfs.map((mount) => [mount.destination, mount]));
  return {
    binds: [...boundTo.values()],
    tmpfs: [...inMemory.values()].filter(({ destination }) => !boundTo.has(destination)),
  };
}
