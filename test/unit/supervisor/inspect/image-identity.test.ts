import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { imageIdentity } from '../../../../supervisor/inspect/image-identity.ts';

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
