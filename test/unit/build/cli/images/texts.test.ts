import { expect, test } from 'vitest';
import { inspectText } from '../../../../../build/cli/images/inspect-text.ts';
import { listText, sizeText } from '../../../../../build/cli/images/list-text.ts';
import type { ListedImage } from '../../../../../build/image/store-list.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

function listed(name: string, origin?: ListedImage['origin']): ListedImage {
  const image = { name, digest: DIGEST, architecture: 'amd64', sizeBytes: 1_250_000 };
  const layers = [{ mediaType: '', digest: DIGEST, size: 1 }];
  return { ...image, manifestBytes: 3, layers, ...(origin === undefined ? {} : { origin }) };
}

test('listText() says where each image came from', () => {
  const images = [
    listed('docker.io/library/redis:7', { source: 'docker.io/library/redis:7', digest: DIGEST }),
    listed('ishmael/init:latest'),
    listed('mine:1', { source: 'oci:/x', digest: DIGEST }),
  ];
  expect(listText(images)).toBe(
    [
      'NAME                       DIGEST        ARCH   SIZE    FROM',
      'docker.io/library/redis:7  0123456789ab  amd64  1.3 MB  registry',
      'ishmael/init:latest        0123456789ab  amd64  1.3 MB  recipe',
      'mine:1                     0123456789ab  amd64  1.3 MB  oci:/x',
      '',
    ].join('\n'),
  );
});

test('sizeText() is short', () => {
  expect([0, 999, 1000, 999_949, 2_000_000].map(sizeText)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '999.9 kB',
    '2.0 MB',
  ]);
});

test('inspectText() leaves out what an image does not say', () => {
  const config = { entrypoint: ['/a', 'b'], cmd: [], env: [], workingDir: '', stopSignal: '' };
  const text = inspectText(listed('mine:1'), { ...config, user: '7', labels: { motto: 'sea' } });
  expect(text).toContain('entrypoint:   ["/a","b"]\n');
  expect(text).toContain('user:         7\n');
  expect(text).toContain('label motto:  sea\n');
  expect(text).not.toMatch(/command|volumes|from:/u);
});
