/**
 * The configuration as JSON Schema, for editors that check and complete YAML by one. From the same zod schema
 * as everything else. Pure.
 */
import { z } from 'zod';

import { imageConfigSchema } from './schema.ts';

/** The text of docs/schema.json. */
export function renderJsonSchema(): string {
  const schema = z.toJSONSchema(imageConfigSchema, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'ref',
  });
  return `${JSON.stringify({ title: 'A machine of Ishmael', ...schema }, null, 2)}\n`;
}
