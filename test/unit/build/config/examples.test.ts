import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { findRecipe } from '../../../../build/component/catalogue.ts';
import { compileManifest } from '../../../../build/config/compile-manifest.ts';
import { parseConfig } from '../../../../build/config/parse-config.ts';
import { resolveImages } from '../../../../build/config/resolve-images.ts';
import { DEFAULT_HEALTH_CHECK } from '../../../../supervisor/service/policy.ts';
import { type Manifest, parseManifest } from '../../../../supervisor/manifest.ts';
import { image, validConfig } from './fixtures.ts';

const EXAMPLES = new URL('../../../../examples/', import.meta.url);

const read = (name: string): string => readFileSync(new URL(name, EXAMPLES), 'utf8');

/** With the images that the recipes of components will make. */
async function compile(name: string): Promise<Manifest> {
  const { config, places } = validConfig(read(name));
  const { images, diagnostics } = await resolveImages(config, places, {
    find: async (reference) => {
      const recipe = findRecipe(reference);
      return Promise.resolve(recipe && image(reference, recipe.config));
    },
  });
  expect(diagnostics).toEqual([]);
  return compileManifest(config, images, name);
}

describe('examples/', () => {
  const names = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yml'));

  test('holds more than one', () => expect(names.length).toBeGreaterThan(1));

  test.each(names)('%s is valid and made of components', async (name) => {
    expect(parseConfig(name, read(name)).diagnostics).toEqual([]);
    const manifest = await compile(name);
    expect(parseManifest(JSON.stringify(manifest))).toEqual(manifest);
  });

  test('supervised.yml shows how services are supervised', async () => {
    const { services, onshutdown } = await compile('supervised.yml');
    expect(services.find(({ name }) => name === 'redis')?.policy).toMatchObject({
      readiness: { kind: 'health' },
      health: {
        ...DEFAULT_HEALTH_CHECK,
        probe: { kind: 'exec', args: ['redis-cli', '-e', 'ping'] },
        intervalMs: 5000,
        timeoutMs: 2000,
        startPeriodMs: 30_000,
        startIntervalMs: 500,
        onUnhealthy: 'restart',
      },
    });
    expect(services.find(({ name }) => name === 'clock')?.policy).toMatchObject({
      dependsOn: [{ unit: 'redis', condition: 'healthy', required: true }],
      waitsFor: [{ kind: 'network' }],
    });
    expect(onshutdown.map(({ policy }) => policy.timeoutMs)).toEqual([5000]);
  });
});
