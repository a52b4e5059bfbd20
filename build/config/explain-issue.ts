/**
 * One issue of zod → diagnostics: the code, the exact place, and a sentence that names the key.
 */
import type { z } from 'zod';

import { cgroupV1Reason } from './cgroup-v1-keys.ts';
import { composeReason } from './compose-keys.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { ConfigPath, Places } from './places.ts';
import { problemOf } from './problem.ts';
import { keysAt } from './schema-keys.ts';
import { suggest } from './suggest.ts';

/** @param root the value that was checked */
export function explainIssue(
  issue: z.core.$ZodIssue,
  root: unknown,
  places: Places,
): readonly Diagnostic[] {
  const { path } = issue;
  const name = describe(path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, places));
    case 'invalid_type':
      return [mistyped(issue, root, places)];
    case 'invalid_union':
      return wrongInUnion(issue, root, places);
    case 'invalid_value':
      return [unknownValue(issue, root, places)];
    case 'custom': {
      const { at, code, message, suggestion } = problemOf(issue.message, issue.params);
      const place = at === 'key' ? places.key(path) : places.value(path);
      return [diagnostic({ code, message: `${name}: ${message}`, ...place }, suggestion)];
    }
    default:
      return [
        { code: 'invalid-value', message: `${name} ${issue.message}`, ...places.value(path) },
      ];
  }
}

/** Of several notations for one value, the issues of the one that the author used. */
function wrongInUnion(
  issue: z.core.$ZodIssueInvalidUnion,
  root: unknown,
  places: Places,
): readonly Diagnostic[] {
  const meant = issue.errors.filter((errors) => !errors.some(isOtherType));
  if (meant.length !== 1) return [mistyped(issue, root, places)];
  return meant.flat().flatMap((inner) => {
    return explainIssue({ ...inner, path: [...issue.path, ...inner.path] }, root, places);
  });
}

function isOtherType({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');
}

/** The one key of LinuxKit's that is not here: it takes `trust` and does nothing with it. */
function linuxkitReason(path: ConfigPath, key: string): string | undefined {
  if (path.length > 0 || key !== 'trust') return undefined;
  return '"trust" does nothing in LinuxKit any more: take it out; "verify" is what checks signatures';
}

const CONTAINERS: ReadonlyMap<PropertyKey, string> = new Map([
  ['services', 'a service'],
  ['onboot', 'an onboot task'],
  ['onshutdown', 'an onshutdown task'],
]);

/** Keys of one kind of container, and what does the nearest thing in the other kind. */
const COUNTERPARTS: Readonly<Record<string, string>> = {
  timeout: 'startTimeout',
  startTimeout: 'timeout',
  onFailure: 'essential',
  essential: 'onFailure',
};

function unknownKey(key: string, path: ConfigPath, places: Places): Diagnostic {
  const known = keysAt(path);
  const place = places.key([...path, key]);
  const where = path.length === 0 ? 'at the top level' : `in ${describe(path)}`;
  const v1Reason = cgroupV1Reason(path, key);
  if (v1Reason !== undefined) {
    return { code: 'cgroup-v1', message: `"${key}": ${v1Reason}`, ...place };
  }
  const reason = composeReason(path, key) ?? linuxkitReason(path, key);
  if (reason !== undefined) return { code: 'unknown-key', message: reason, ...place };
  const here = path.length === 2 ? CONTAINERS.get(path[0] ?? '') : undefined;
  const [, there] = [...CONTAINERS].find(([section]) => keysAt([section, 0]).includes(key)) ?? [];
  if (here !== undefined && there !== undefined) {
    const message = `"${key}" is a key of ${there}, and this is ${here}`;
    const counterpart = COUNTERPARTS[key];
    const isKnown = counterpart !== undefined && known.includes(counterpart);
    return diagnostic(
      { code: 'unknown-key', message, ...place },
      isKnown ? counterpart : undefined,
    );
  }
  const suggestion = suggest(key, known);
  const list = suggestion === undefined ? `; known are ${known.join(', ')}` : '';
  const message = `unknown key "${key}" ${where}${list}`;
  return diagnostic({ code: 'unknown-key', message, ...place }, suggestion);
}

function mistyped(
  issue: z.core.$ZodIssueInvalidType | z.core.$ZodIssueInvalidUnion,
  root: unknown,
  places: Places,
): Diagnostic {
  const { path } = issue;
  const value = valueAt(root, path);
  const last = path.at(-1);
  if (value === undefined && typeof last === 'string') {
    const parent = path.slice(0, -1);
    const message = `${describe(parent)} has no "${last}"`;
    return { code: 'missing-key', message, ...places.value(parent) };
  }
  const wanted =
    issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')
      ? `must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`
      : issue.message;
  const message = `${describe(path)} ${wanted}, not ${typeName(value)}`;
  return { code: 'wrong-type', message, ...places.value(path) };
}

function unknownValue(
  issue: z.core.$ZodIssueInvalidValue,
  root: unknown,
  places: Places,
): Diagnostic {
  const value = valueAt(root, issue.path);
  const values = issue.values.map(String);
  const place = places.value(issue.path);
  const name = describe(issue.path);
  if (value === undefined || typeof value !== 'string') {
    return mistyped({ ...issue, code: 'invalid_type', expected: 'string' }, root, places);
  }
  const message = `${name} must be ${values.join(' or ')}, not "${value}"`;
  return diagnostic({ code: 'unknown-value', message, ...place }, suggest(value, values));
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

function typeName(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return `the ${typeof value} ${JSON.stringify(value)}`;
}

/** What an entry of each list is called; the place says which one it is. */
const ENTRIES: Readonly<Record<string, string>> = {
  onboot: 'this onboot task',
  onshutdown: 'this onshutdown task',
  services: 'this service',
  volumes: 'this volume',
  files: 'this entry of files',
  outputs: 'this output',
  syslog: 'this entry of syslog',
};

/** `binds[0]`, `kernel.image`, `this service`: the way from the entry it belongs to. */
function describe(path: ConfigPath): string {
  const entry = typeof path[1] === 'number' ? ENTRIES[String(path[0])] : undefined;
  const rest = entry === undefined ? path : path.slice(2);
  if (rest.length === 0) return entry ?? 'the file';
  return rest.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    return name === '' ? String(step) : `${name}.${String(step)}`;
  }, '');
}

function valueAt(root: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? Reflect.get(value, step)
        : undefined,
    root,
  );
}

function diagnostic(base: Diagnostic, suggestion: string | undefined): Diagnostic {
  return suggestion === undefined ? base : { ...base, suggestion };
}
