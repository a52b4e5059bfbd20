/**
 * The part of YAML in which `meta-data` of a NoCloud disk is written: JSON, or a line for each key with a plain or
 * quoted text, lists as `- text` below their key. Anything else is passed over. Pure.
 */
export interface MetaData {
  readonly values: ReadonlyMap<string, string>;
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

export function parseMetaData(text: string): MetaData {
  return parseJson(text) ?? parseLines(text);
}

function parseJson(text: string): MetaData | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Lines, then.
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const values = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(parsed)) {
    if (typeof value === 'string') values.set(key, value);
    else if (Array.isArray(value))
      lists.set(
        key,
        value.filter((each) => typeof each === 'string'),
      );
  }
  return { values, lists };
}

function parseLines(text: string): MetaData {
  const values = new Map<string, string>();
  const lists = new Map<string, string[]>();
  let list: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, item] = /^\s*- +(\S.*)$/.exec(line) ?? [];
    const [, key, value] = /^([\w-]+):(?:\s+(\S.*))?$/.exec(line) ?? [];
    if (item !== undefined) list.push(scalar(item));
    if (key === undefined) continue;
    list = [];
    if (value === undefined) lists.set(key, list);
    else values.set(key, scalar(value));
  }
  return { values, lists };
}

function scalar(text: string): string {
  const [, , quoted] = /^(["'])(.*)\1\s*(?:#.*)?$/.exec(text) ?? [];
  return quoted ?? text.replace(/\s#.*$/, '').trimEnd();
}
