/**
 * Two values of the same shape, side by side: where they differ. Pure. Lists are compared as sets, and lists
 * of maps by what names an entry (a mount's destination, a namespace's type).
 */

export interface Difference {
  /** `process.noNewPrivileges`, `mounts[/dev/shm]`. */
  readonly path: string;
  /** `undefined` where the side has nothing. */
  readonly left: unknown;
  readonly right: unknown;
}

export function differences(left: unknown, right: unknown, path = ''): readonly Difference[] {
  if (isMap(left) && isMap(right)) return ofMaps(left, right, path);
  if (Array.isArray(left) && Array.isArray(right)) {
    return ofLists(left as readonly unknown[], right as readonly unknown[], path);
  }
  return sameText(left, right) ? [] : [{ path, left, right }];
}

type Fields = Readonly<Record<string, unknown>>;

function ofMaps(left: Fields, right: Fields, path: string): readonly Difference[] {
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].flatMap((key) =>
    differences(left[key], right[key], path === '' ? key : `${path}.${key}`),
  );
}

function ofLists(
  left: readonly unknown[],
  right: readonly unknown[],
  path: string,
): readonly Difference[] {
  const [leftNamed, rightNamed] = [byName(left), byName(right)];
  if (leftNamed !== undefined && rightNamed !== undefined) {
    const names = new Set([...leftNamed.keys(), ...rightNamed.keys()]);
    return [...names].flatMap((name) =>
      differences(leftNamed.get(name), rightNamed.get(name), `${path}[${name}]`),
    );
  }
  const only = (mine: readonly unknown[], others: readonly unknown[]): readonly unknown[] =>
    mine.filter((item) => !others.some((other) => sameText(item, other)));
  const [lost, won] = [only(left, right), only(right, left)];
  return lost.length + won.length === 0 ? [] : [{ path, left: lost, right: won }];
}

function byName(list: readonly unknown[]): ReadonlyMap<string, unknown> | undefined {
  const named = new Map<string, unknown>();
  for (const item of list) {
    const name = isMap(item) ? (item['destination'] ?? item['type']) : undefined;
    if (typeof name !== 'string' || named.has(name)) return undefined;
    named.set(name, item);
  }
  return named;
}

function sameText(left: unknown, right: unknown): boolean {
  return JSON.stringify(left, numbers) === JSON.stringify(right, numbers);
}

function numbers(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
