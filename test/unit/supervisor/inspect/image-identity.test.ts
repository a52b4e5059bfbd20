import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { imageConfig, imageIdentity } from '../../../../supervisor/inspect/image-identity.ts';

it('imageIdentity() has the digest of the manifest, if there is one', () => {
  const directory = mkdtempSync(join(tmpdir(), 'identity-'));
  const path = join(directory, 'manifest.json');
  expect(imageIdentity('whale', path)).toEqual({
    name: 'whale',
    commandLine: expect.any(String) as string,
  });
  writeFileSync(path, '{}');
  // sha256sum of the two characters
  const digest = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';
  expect(imageIdentity('whale', path)).toMatchObject({ digest });
  rmSync(directory, { recursive: true });
});

it('imageConfig() is the manifest without the hash of a password, and nothing where there is none', () => {
  const directory = mkdtempSync(join(tmpdir(), 'identity-'));
  const path = join(directory, 'manifest.json');
  expect(imageConfig(path)).toBeUndefined();
  writeFileSync(path, '{"name": "whale", "cons');
  expect(imageConfig(path)).toBeUndefined();
  const manifest = { name: 'whale', services: [], console: { mode: 'status', quiet: false } };
  writeFileSync(path, JSON.stringify(manifest));
  expect(imageConfig(path)).toEqual(manifest);
  const locked = { ...manifest, console: { ...manifest.console, password: '$scrypt$' } };
  writeFileSync(path, JSON.stringify(locked));
  expect(imageConfig(path)).toEqual(manifest);
  rmSync(directory, { recursive: true });
});
