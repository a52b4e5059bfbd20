/**
 * The containers and files of a configuration that may have any shape: what checks across the whole file
 * run on, because they also report in files with other mistakes in them.
 */

/** An entry that could be read far enough to have a place and perhaps a name. */
export interface Candidate {
  readonly path: readonly [section: string, index: number];
  readonly fields: Readonly<Record<string, unknown>>;
  readonly name: string | undefined;
}

/** The entries of a section (`onboot`, `files`, …) that are maps. */
export function candidates(config: unknown, section: string): readonly Candidate[] {
  const list: unknown = isRecord(config) ? config[section] : undefined;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown, index): readonly Candidate[] => {
    if (!isRecord(item)) return [];
    const name = typeof item['name'] === 'string' ? item['name'] : undefined;
    return [{ path: [section, index], fields: item, name }];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
