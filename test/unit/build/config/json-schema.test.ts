import { readFileSync, writeFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { renderJsonSchema } from '../../../../build/config/json-schema.ts';

const FILE = new URL('../../../../docs/schema.json', import.meta.url);

test('docs/schema.json is what the schema says', () => {
  const text = renderJsonSchema();
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(FILE, text);
  expect(readFileSync(FILE, 'utf8')).toBe(text);
});

/** Every map with keys of its own in a JSON Schema. */
function* maps(schema: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (typeof schema !== 'object' || schema === null) return;
  const map = schema as Readonly<Record<string, unknown>>;
  if (typeof map['properties'] === 'object' && map['type'] === 'object') yield map;
  for (const inner of Object.values(map)) yield* maps(inner);
}

test('docs/schema.json lets no unknown key pass, wherever it is', () => {
  const found = [...maps(JSON.parse(renderJsonSchema()))];
  expect(found.length).toBeGreaterThan(30);
  expect(found.filter((map) => map['additionalProperties'] !== false)).toEqual([]);
});
