/** A number whose digits a double cannot hold, such as RLIM_INFINITY, as it stands in the text. */
const json = JSON as unknown as { rawJSON(text: string): unknown };

/**
 * The text of a config.json with another root: containerd has a bundle of its own, in which a path relative to
 * ours leads nowhere. To have it bind ours there instead would fail at the end, when what the container's
 * `runtime` has mounted in its root holds on to the bind.
 */
export function withRoot(config: string, path: string): string {
  const spec = JSON.parse(config, exactNumbers) as { readonly root?: object };
  return JSON.stringify({ ...spec, root: { ...spec.root, path } });
}

function exactNumbers(
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  const isInexact = typeof value === 'number' && !Number.isSafeInteger(value);
  return isInexact && context?.source !== undefined ? json.rawJSON(context.source) : value;
}
