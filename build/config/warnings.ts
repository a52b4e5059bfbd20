/**
 * What is right by the rules and yet probably not meant: LinuxKit does it without a word. Pure. None of it
 * ends a build.
 */
import { ARCH_NAMES, type ArchName } from '../arch.ts';
import type { Image } from '../image/image-store.ts';
import { resolvePath } from '../rootfs/resolve.ts';
import type { Tree } from '../rootfs/tree.ts';
import { CONTAINER_SECTIONS } from './all-containers.ts';
import type { ContainerConfig } from './container-schema.ts';
import { type Diagnostic, sortDiagnostics } from './diagnostics.ts';
import type { ConfigPath, Places } from './places.ts';
import type { ImageConfigFile } from './schema.ts';
import { statedSettings } from './settle-container.ts';

export interface WarningContext {
  readonly images: ReadonlyMap<string, Image>;
  readonly places: Places;
  /** The root with everything of `files` in it. */
  readonly root: Tree;
  readonly arch: ArchName;
}

/** Filesystems in memory on the running machine: what the image has there is not seen. */
const IN_MEMORY: readonly string[] = ['run', 'tmp', 'var'];

/** There the kernel and PID 1 make what is missing, or a bind does. */
const FILLED_LATER = /^\/(dev|proc|sys|run|tmp|var|containers\/volumes)(\/|$)/;

/** @param config a valid one, with images whose labels are right */
export function findWarnings(
  config: ImageConfigFile,
  context: WarningContext,
): readonly Diagnostic[] {
  return sortDiagnostics([
    ...absentConsoles(config, context),
    ...hiddenFiles(config, context),
    ...missingSources(config, context),
    ...ignoredAdditions(config, context),
    ...sharedPorts(config, context),
  ]);
}

/** The first serial line of QEMU's machines, and of most real ones; a kernel says nothing on one that is not there. */
const SERIAL_LINES: Readonly<Record<ArchName, string>> = { amd64: 'ttyS0', arm64: 'ttyAMA0' };

function absentConsoles(
  { kernel: { cmdline } }: ImageConfigFile,
  { places, arch }: WarningContext,
): readonly Diagnostic[] {
  const consoles = [...cmdline.matchAll(/(?:^|\s)console=([^\s,]+)/gu)].map(
    ([, name = '']) => name,
  );
  return ARCH_NAMES.flatMap((other): readonly Diagnostic[] => {
    const theirs = SERIAL_LINES[other];
    if (other === arch || !consoles.includes(theirs) || consoles.includes(SERIAL_LINES[arch])) {
      return [];
    }
    const message = `${theirs} is the serial line of ${other} machines; ${arch} ones have ${SERIAL_LINES[arch]}`;
    return [warning('foreign-console', message, places, ['kernel', 'cmdline'])];
  });
}

function hiddenFiles(
  { files }: ImageConfigFile,
  { places }: WarningContext,
): readonly Diagnostic[] {
  return files.flatMap(({ path }, index): readonly Diagnostic[] => {
    const [top = '', ...below] = path.split('/');
    if (below.length === 0 || !IN_MEMORY.includes(top)) return [];
    const message = `"/${path}" is not seen on the running machine: /${top} is a filesystem in memory there`;
    return [warning('hidden-file', message, places, ['files', index, 'path'])];
  });
}

function missingSources(
  config: ImageConfigFile,
  { images, places, root }: WarningContext,
): readonly Diagnostic[] {
  const made = containers(config).flatMap(([, container]) => {
    const { mounts = [], mkdir = [] } = container.runtime ?? {};
    return [...mounts.map(({ destination }) => destination), ...mkdir];
  });
  const isMade = (source: string): boolean =>
    made.some((path) => source === path || source.startsWith(`${path}/`));
  return containers(config).flatMap(([path, container]) => {
    const image = images.get(container.image);
    if (image === undefined) return [];
    const key = container.binds === undefined ? 'binds.add' : 'binds';
    const { binds = [] } = statedSettings(container, image);
    return binds.flatMap(({ source, destination }): readonly Diagnostic[] => {
      if (!source.startsWith('/') || FILLED_LATER.test(source)) return [];
      if (isMade(source) || isThere(root, source)) return [];
      const message = `"${source}" is not in the root, which is read-only on the machine: the container will not start`;
      // The bind of the file that is meant; one of the image's label has no place of its own.
      const own = container[key]?.findIndex((bind) => bind.destination === destination) ?? -1;
      const place = own === -1 ? [...path, 'image'] : [...path, key, own];
      return [warning('missing-bind-source', message, places, place)];
    });
  });
}

function isThere(root: Tree, path: string): boolean {
  const resolved = resolvePath(root, path, 'all');
  return resolved !== undefined && (resolved === '' || root.has(resolved));
}

function ignoredAdditions(
  config: ImageConfigFile,
  { places }: WarningContext,
): readonly Diagnostic[] {
  return containers(config).flatMap(([path, container]) =>
    (['binds', 'capabilities'] as const).flatMap((key): readonly Diagnostic[] => {
      const more = `${key}.add` as const;
      if (container[key] === undefined || container[more] === undefined) return [];
      const message = `"${more}" counts for nothing beside "${key}"`;
      return [warning('ignored-key', message, places, [...path, more], 'key')];
    }),
  );
}

/** Ports that images name, of services on the machine's network: only one of two can have one. */
function sharedPorts(
  { services }: ImageConfigFile,
  { images, places }: WarningContext,
): readonly Diagnostic[] {
  const owners = new Map<string, string>();
  return services.flatMap((service, index) => {
    const image = images.get(service.image);
    if (image === undefined) return [];
    const { net = 'host' } = statedSettings(service, image);
    if (net !== 'host') return [];
    return (image.config.exposedPorts ?? []).flatMap((port): readonly Diagnostic[] => {
      const owner = owners.get(port);
      owners.set(port, owner ?? service.name);
      if (owner === undefined) return [];
      const message = `"${service.name}" and "${owner}" are both to listen on ${port} of the machine's network`;
      return [warning('shared-port', message, places, ['services', index, 'image'])];
    });
  });
}

function containers(config: ImageConfigFile): readonly (readonly [ConfigPath, ContainerConfig])[] {
  return CONTAINER_SECTIONS.flatMap((section) =>
    config[section].map(
      (container: ContainerConfig, index) => [[section, index], container] as const,
    ),
  );
}

function warning(
  code: Diagnostic['code'],
  message: string,
  places: Places,
  path: ConfigPath,
  at: 'key' | 'value' = 'value',
): Diagnostic {
  return { code, severity: 'warning', message, ...places[at](path) };
}
