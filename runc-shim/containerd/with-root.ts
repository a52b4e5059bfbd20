/** As renderSpec() writes it. Within a text of the spec its quotes would have backslashes. */
const OWN_ROOT = '"root":{"path":"rootfs"';

/**
 * The text of a bundle's config.json with another root: containerd has a bundle of its own, in which a path relative
 * to ours leads nowhere. To have it bind ours there instead would fail at the end, when what the container's
 * `runtime` has mounted in its root holds on to the bind. Parsing it would cost PID 1 memory, and digits: RLIM_INFINITY
 * is no double.
 */
export function withRoot(config: string, path: string): string {
  const [before, after, ...more] = config.split(OWN_ROOT);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error('Cannot tell where the spec has its root');
  }
  return `${before}"root":{"path":${JSON.stringify(path)}${after}`;
}
