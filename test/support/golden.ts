/**
 * Golden files: what a pure function produced when a person last looked at it. `UPDATE_GOLDEN=1`
 * rewrites them; the difference is then reviewed like any other change.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

const GOLDEN_DIR: string = join(import.meta.dirname, '..', 'golden');

/** Compares `text` with test/golden/`name`. */
export function expectGolden(name: string, text: string): void {
  const file = join(GOLDEN_DIR, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}
