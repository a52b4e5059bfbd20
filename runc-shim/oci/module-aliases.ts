/**
 * Which kernel modules a container needs, by the aliases under which the kernel would ask modprobe for them:
 * there is no modprobe in the machine. Pure.
 */
import type { ContainerSpec } from './container-spec.ts';

/** `fs-ext4`, `rtnl-link-veth`; an alias that no module has is built in. Each once. */
export function moduleAliases({ mounts = [], runtime = {} }: ContainerSpec): readonly string[] {
  const types = [...mounts, ...(runtime.mounts ?? [])]
    .map(({ type }) => type)
    .filter((type) => type !== 'bind');
  const kinds = (runtime.interfaces ?? []).flatMap(({ add, peer }) => {
    return add ?? (peer === undefined ? [] : 'veth');
  });
  const aliases = [
    ...types.map((type) => `fs-${type}`),
    ...kinds.map((kind) => `rtnl-link-${kind}`),
  ];
  return [...new Set(aliases)];
}
