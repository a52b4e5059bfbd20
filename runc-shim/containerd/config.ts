/**
 * containerd's own configuration where the image brings none: what runs containers, and nothing else. Pure.
 * Version 2 of the file's format, which 1.6 and 1.7 read; a plugin that a version does not have may be named.
 */

export const CONTAINERD_PROGRAM = '/usr/bin/containerd';
export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';

/** Kubernetes, filesystems that the kernels here do not have, and what speaks to others about others. */
const DISABLED = [
  'io.containerd.grpc.v1.cri',
  'io.containerd.nri.v1.nri',
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.internal.v1.opt',
  'io.containerd.internal.v1.restart',
  'io.containerd.internal.v1.tracing',
  'io.containerd.tracing.processor.v1.otlp',
];

export interface ContainerdPlaces {
  /** What outlives a restart of containerd, its metadata among it. */
  readonly root: string;
  readonly state: string;
  readonly socket: string;
}

export const CONTAINERD_PLACES: ContainerdPlaces = {
  root: '/var/lib/containerd',
  state: '/run/containerd',
  socket: CONTAINERD_SOCKET,
};

export function renderContainerdConfig({ root, state, socket }: ContainerdPlaces): string {
  return [
    'version = 2',
    `root = ${JSON.stringify(root)}`,
    `state = ${JSON.stringify(state)}`,
    `disabled_plugins = ${JSON.stringify(DISABLED)}`,
    '[grpc]',
    `  address = ${JSON.stringify(socket)}`,
    // The supervisor restarts what ends, and measures it by its cgroup.
    '[plugins."io.containerd.monitor.v1.cgroups"]',
    '  no_prometheus = true',
    '',
  ].join('\n');
}
