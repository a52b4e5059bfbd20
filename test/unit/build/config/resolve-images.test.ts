import { expect, test } from 'vitest';

import type { Image } from '../../../../build/image/image-store.ts';
import { imageKey, imageMentions } from '../../../../build/config/image-mentions.ts';
import { parseConfig } from '../../../../build/config/parse-config.ts';
import { resolveImages } from '../../../../build/config/resolve-images.ts';
import { byReference, image, validConfig } from './fixtures.ts';

const TEXT = `kernel: {image: k}
init: [i, missing]
onboot:
  - {name: a, image: silent}
  - {name: b, image: silent, command: [/bin/true]}
services:
  - {name: c, image: entrypoint}
  - {name: d, image: cmd}
  - {name: e, image: missing}
onshutdown:
  - {name: f, image: last}
  - {name: g, image: silent}
`;

const IMAGES = byReference(
  image('k'),
  image('i'),
  image('silent'),
  image('entrypoint', { entrypoint: ['/e'] }),
  image('cmd', { cmd: ['/c'] }),
  image('last', { cmd: ['/l'] }),
);

test('resolveImages() places missing images and images without a command', async () => {
  const { config, places } = validConfig(TEXT);
  const { diagnostics, images } = await resolveImages(config, places, {
    find: async (reference) => IMAGES.get(reference),
    advise: (reference) => `fetch ${reference}`,
  });
  expect(diagnostics).toEqual([
    expect.objectContaining({ line: 2, col: 11, length: 7, code: 'missing-image' }),
    expect.objectContaining({ line: 4, col: 22, length: 6, code: 'no-command' }),
    expect.objectContaining({ line: 9, col: 22, length: 7, code: 'missing-image' }),
    expect.objectContaining({ line: 12, col: 22, length: 6, code: 'no-command' }),
  ]);
  expect(diagnostics[0]?.message).toContain('fetch missing');
  expect([...images.keys()].sort()).toEqual(['cmd', 'entrypoint', 'i', 'k', 'last', 'silent']);
});

test('resolveImages() asks for each image once', async () => {
  const { config, places } = validConfig(TEXT);
  const asked: string[] = [];
  const find = async (reference: string): Promise<undefined> => {
    asked.push(reference);
    await Promise.resolve();
  };
  await resolveImages(config, places, { find });
  expect(asked.sort()).toEqual(['cmd', 'entrypoint', 'i', 'k', 'last', 'missing', 'silent']);
});

test('resolveImages() leaves the failure of a broken store to the caller', async () => {
  const { config, places } = validConfig(TEXT);
  const broken = new Error('broken store');
  const find = async (): Promise<undefined> => Promise.reject(broken);
  await expect(resolveImages(config, places, { find })).rejects.toBe(broken);
});

test('resolveImages() places an image with a stop signal that is none', async () => {
  const { config, places } = validConfig(`kernel: {image: k}
services:
  - {name: a, image: odd}
  - {name: b, image: odd, stopSignal: TERM}
`);
  const odd = image('odd', { cmd: ['/c'], stopSignal: 'SIGFOO' });
  const { diagnostics } = await resolveImages(config, places, {
    find: async (reference) => byReference(image('k'), odd).get(reference),
  });
  expect(diagnostics).toEqual([
    expect.objectContaining({ line: 3, col: 22, length: 3, code: 'unknown-signal' }),
  ]);
  expect(diagnostics[0]?.message).toContain('SIGFOO');
});

test('resolveImages() checks the images of a file that is no valid configuration', async () => {
  const text = `kernel: {image: missing, cmdline: 5}
init: [[], i]
services:
  - {image: silent, capabilites: []}
  - {name: x, image: "two words"}
  - 7
`;
  const { value, places, diagnostics: invalid } = parseConfig('f.yml', text);
  expect(invalid.length).toBeGreaterThan(3);
  const { diagnostics } = await resolveImages(value, places, {
    find: async (reference) => IMAGES.get(reference),
  });
  expect(diagnostics).toEqual([
    expect.objectContaining({ line: 1, col: 17, code: 'missing-image' }),
    expect.objectContaining({ line: 4, col: 13, code: 'no-command' }),
  ]);
});

test.each([undefined, null, 5, 'text', [], { services: {}, init: 'x', kernel: [] }])(
  'imageMentions() finds nothing in %j and does not mind',
  (value) => {
    expect(imageMentions(value)).toEqual([]);
  },
);

test.each([
  ['no YAML', '{'],
  ['no map', '[]'],
  ['a key that it cannot have', '{"name": "x"}'],
  ['a wrong value', '{"capabilities": ["CAP_X"]}'],
])('resolveImages() places an image whose label is %s', async (_, label) => {
  const { config, places } = validConfig('kernel: {image: k}\nservices: [{name: a, image: i}]\n');
  const labels = { 'org.mobyproject.config': label };
  const find = (reference: string): Promise<Image> =>
    Promise.resolve(image(reference, reference === 'i' ? { labels } : {}));
  const { diagnostics } = await resolveImages(config, places, { find });
  expect(diagnostics.map(({ line, col, code }) => `${line}:${col} ${code}`)).toEqual([
    '2:29 bad-label',
  ]);
});

test("resolveImages() is content with a command of the image's label", async () => {
  const { config, places } = validConfig('kernel: {image: k}\nservices: [{name: a, image: i}]\n');
  const labels = { 'org.mobyproject.config': '{"command": ["/x"]}' };
  const find = (reference: string): Promise<Image> => Promise.resolve(image(reference, { labels }));
  expect((await resolveImages(config, places, { find })).diagnostics).toEqual([]);
});

test('resolveImages() asks for an image of a volume once a platform, and places it there', async () => {
  const { config, places } = validConfig(
    'kernel: {image: k}\nvolumes:\n  - {name: v, image: i, format: oci, platforms: [linux/amd64, linux/arm64]}\n',
  );
  const { diagnostics, images } = await resolveImages(config, places, {
    find: async (reference, platform) =>
      platform === 'linux/arm64' ? undefined : image(`${reference} ${platform ?? ''}`),
    advise: (reference, platform) => `ask for ${reference} ${platform}`,
  });
  expect(images.get(imageKey('i', 'linux/amd64'))?.reference).toBe('i linux/amd64');
  expect(diagnostics).toEqual([
    expect.objectContaining({
      line: 3,
      col: 63,
      message: 'no image "i" for linux/arm64: ask for i linux/arm64',
    }),
  ]);
});
