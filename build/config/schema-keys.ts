/**
 * Which keys the schema has where, read from the schema itself so that no second list exists.
 */
import { z } from 'zod';

import type { ConfigPath } from './places.ts';
import { imageConfigSchema } from './schema.ts';

/** The configuration as JSON Schema: what editors complete from, and what the keys are read from. */
export function configJsonSchema(): object {
  return z.toJSONSchema(imageConfigSchema, { io: 'input', unrepresentable: 'any' });
}

/** The keys that the map at `path` may have; none when nothing with keys can stand there. */
export function keysAt(path: ConfigPath): readonly string[] {
  const schema = path.reduce(inside, configJsonSchema());
  return alternatives(schema).flatMap((alternative) => Object.keys(properties(alternative)));
}

/** A key and the map it is in, such as `services[]`; '' is the whole file. */
export interface PlacedKey {
  readonly parent: string;
  readonly key: string;
}

/** Every key of the schema. Those with a dot in them (`binds.add`) are why the two parts are apart. */
export function allKeys(): readonly PlacedKey[] {
  return [...walk(configJsonSchema(), '')];
}

function* walk(schema: unknown, prefix: string): Generator<PlacedKey> {
  for (const alternative of alternatives(schema)) {
    for (const [key, inner] of Object.entries(properties(alternative))) {
      const name = prefix === '' ? key : `${prefix}.${key}`;
      yield { parent: prefix, key };
      yield* walk(inner, name);
      for (const list of alternatives(inner)) yield* walk(field(list, 'items'), `${name}[]`);
    }
    const others = field(alternative, 'additionalProperties');
    if (others !== undefined) yield* walk(others, `${prefix}.*`);
  }
}

/** What may stand at one step below a schema. */
function inside(schema: unknown, step: PropertyKey): unknown {
  return alternatives(schema)
    .map((alternative) =>
      typeof step === 'number'
        ? field(alternative, 'items')
        : (field(properties(alternative), step) ?? field(alternative, 'additionalProperties')),
    )
    .find((found) => found !== undefined);
}

/** The schemas of which a value fits one; usually there is one. */
function alternatives(schema: unknown): readonly unknown[] {
  const anyOf = field(schema, 'anyOf');
  return Array.isArray(anyOf) ? anyOf.flatMap(alternatives) : [schema];
}

function properties(schema: unknown): object {
  const value = field(schema, 'properties');
  return typeof value === 'object' && value !== null ? value : {};
}

function field(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
