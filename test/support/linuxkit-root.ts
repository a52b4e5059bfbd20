/**
 * The root filesystem as LinuxKit's own builder lays it out (src/cmd/linuxkit/moby/build of its repository): for tests
 * of PID 1 in such a root, since there is no package of LinuxKit's program to be had. From the file to the config.json
 * of each container our own code does it, with `defaults: linuxkit`; golden files of specs that LinuxKit made compare
 * those.
 */
import { generateSpec } from '../../runc-shim/oci/generate.ts';
import { renderSpec } from '../../runc-shim/oci/render.ts';
import type { ContainerMount, ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import type { Manifest } from '../../supervisor/manifest.ts';
import type { NodeMeta, Tree, TreeNode } from '../../build/rootfs/tree.ts';

const META: NodeMeta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };
const DIRECTORY: TreeNode = { ...META, type: 'directory' };

export function textFile(text: string, mode = 0o644): TreeNode {
  return { ...META, mode, type: 'file', data: { kind: 'bytes', bytes: Buffer.from(text) } };
}

/**
 * An image in the root or below `prefix`: some files of it are left out, some replaced, and some are there in any case.
 */
export function imageTree(image: Tree, prefix = '', resolvConf?: string): Tree {
  const inRoot: Tree = new Map(image);
  for (const path of [
    '.dockerenv',
    'Dockerfile',
    'dev/console',
    'dev/pts',
    'dev/shm',
    'etc/hostname',
  ])
    inRoot.delete(path);
  for (const path of ['dev', 'dev/pts', 'dev/shm', 'etc', 'proc', 'sys'])
    if (!inRoot.has(path)) inRoot.set(path, DIRECTORY);
  if (!inRoot.has('etc/mtab'))
    inRoot.set('etc/mtab', { ...META, type: 'symlink', target: '/proc/mounts' });
  inRoot.set('etc/hosts', textFile('127.0.0.1       localhost\n::1     localhost\n'));
  inRoot.set(
    'etc/resolv.conf',
    resolvConf === undefined
      ? textFile('\n# no resolv.conf configured\n')
      : { ...META, type: 'symlink', target: resolvConf },
  );
  return below(prefix, inRoot);
}

/**
 * The directories of all containers. An image that two have is there once: in the directory of the first.
 * @param imageOf the files of a container's image
 */
export function bundleTrees(
  { onboot, onshutdown, services }: Manifest,
  imageOf: (container: ContainerSpec) => Tree,
): Tree {
  const tree: Tree = new Map();
  const places = new Map<string, string>();
  const add = (section: string, prefix: string, container: ContainerSpec): void => {
    const path = `containers/${section}/${prefix}${container.name}`;
    const part = bundleTree(path, container, places, imageOf);
    for (const [name, node] of part) tree.set(name, node);
  };
  const number = (index: number): string => `${String(index).padStart(3, '0')}-`;
  onboot.forEach((task, index) => add('onboot', number(index), task));
  onshutdown.forEach((task, index) => add('onshutdown', number(index), task));
  services.forEach((service) => add('services', '', service));
  return tree;
}

function bundleTree(
  path: string,
  container: ContainerSpec,
  places: Map<string, string>,
  imageOf: (container: ContainerSpec) => Tree,
): Tree {
  const { readonly, image } = container;
  const known = places.get(image);
  const root = known ?? `${path}/${readonly ? 'rootfs' : 'lower'}`;
  const tree: Tree = known === undefined ? imageTree(imageOf(container), root) : new Map();
  places.set(image, root);
  for (const directory of parents(`${path}/x`)) tree.set(directory, DIRECTORY);
  tree.set(`${path}/config.json`, textFile(configJson(container)));
  if (!readonly) tree.set(`${path}/tmp`, DIRECTORY);
  if (!tree.has(`${path}/rootfs`)) tree.set(`${path}/rootfs`, DIRECTORY);
  const mounts = readonly ? readonlyMounts(path, root) : writableMounts(path, root);
  tree.set(`${path}/runtime.json`, textFile(runtimeJson(container, mounts)));
  return tree;
}

/** Without what only a guest of ours adds. */
function configJson(container: ContainerSpec): string {
  const { cgroupsPath } = container;
  const spec = generateSpec(container, { cgroupsPath: cgroupsPath ?? '' });
  const { cgroupsPath: _ours, ...linux } = spec.linux;
  const config = cgroupsPath === undefined ? { ...spec, linux } : spec;
  return renderSpec(config as typeof spec);
}

function readonlyMounts(path: string, root: string): readonly Partial<ContainerMount>[] {
  return [{ destination: `/${path}/rootfs`, source: `/${root}`, options: ['bind'] }];
}

function writableMounts(path: string, root: string): readonly Partial<ContainerMount>[] {
  const tmp = `/${path}/tmp`;
  return [
    { destination: tmp, type: 'tmpfs', source: 'tmpfs' },
    { destination: tmp, options: ['remount', 'private'] },
    {
      destination: `/${path}/rootfs`,
      type: 'overlay',
      source: 'overlay',
      options: [`lowerdir=/${root}`, `upperdir=${tmp}/upper`, `workdir=${tmp}/work`],
    },
  ];
}

function runtimeJson(
  { runtime = {} }: ContainerSpec,
  mounts: readonly Partial<ContainerMount>[],
): string {
  const interfaces = runtime.interfaces?.map((each) => ({ createInRoot: false, ...each }));
  const value = {
    cgroups: runtime.cgroups,
    mounts: [...mounts, ...(runtime.mounts ?? [])],
    mkdir: runtime.mkdir,
    interfaces,
    bindNS: runtime.bindNS ?? {},
    namespace: runtime.namespace,
  };
  return JSON.stringify(value, null, 4);
}

function below(prefix: string, tree: Tree): Tree {
  if (prefix === '') return tree;
  const placed: Tree = new Map();
  for (const path of parents(`${prefix}/x`)) placed.set(path, DIRECTORY);
  for (const [path, node] of tree) {
    if (path === '') continue;
    const moved = node.type === 'hardlink' ? { ...node, target: `${prefix}/${node.target}` } : node;
    placed.set(`${prefix}/${path}`, moved);
  }
  return placed;
}

function parents(path: string): readonly string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
