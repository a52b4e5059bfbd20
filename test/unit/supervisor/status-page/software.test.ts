import { expect, it } from 'vitest';
import { renderSpdx } from '../../../../build/sbom/spdx.ts';
import { readSoftware } from '../../../../supervisor/status-page/software.ts';

it('readSoftware() reads what the builder writes', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const config = { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} };
  const image = { reference: 'example/web', digest, config, layers: [] };
  const packages = [
    { name: 'libc6', version: '2.41', arch: 'amd64', type: 'deb', distro: 'debian' },
  ] as never;
  const text = renderSpdx({
    name: 'm',
    images: [{ image, architecture: 'amd64', location: 'services[0]', packages }],
  });
  expect(readSoftware(text)).toEqual([
    { name: 'example/web', digest, packages: [{ name: 'libc6', version: '2.41' }] },
  ]);
});

it('readSoftware() passes over what it does not know', () => {
  expect(readSoftware('{"packages":[{"name":7}],"relationships":[{}]}')).toEqual([]);
  expect(() => readSoftware('<')).toThrow(SyntaxError);
});
