import { expect, it } from 'vitest';
import { withRoot } from '../../../../runc-shim/containerd/with-root.ts';
import { generateSpec } from '../../../../runc-shim/oci/generate.ts';
import { renderSpec } from '../../../../runc-shim/oci/render.ts';
import { containerSpec } from '../../../support/container-specs.ts';

const render = (args: readonly string[]): string => {
  const limits = [{ type: 'RLIMIT_CORE', soft: 'unlimited', hard: 'unlimited' }] as const;
  const container = containerSpec({ args, readonly: true, rlimits: [...limits] });
  return renderSpec(generateSpec(container, { cgroupsPath: '/services/a', arch: 'x64' }));
};

it('withRoot() changes where the root is, and no digit of the rest', () => {
  const config = render(['/bin/true']);
  const changed = withRoot(config, '/b/"web"/rootfs');
  expect(JSON.parse(changed)).toEqual({
    ...(JSON.parse(config) as object),
    root: { path: '/b/"web"/rootfs', readonly: true },
  });
  expect(changed).toContain('18446744073709551615');
});

it('withRoot() is not led astray by what a container says', () => {
  const words = '"root":{"path":"rootfs"';
  const changed = withRoot(render(['/bin/echo', words]), '/b');
  expect(JSON.parse(changed)).toMatchObject({
    process: { args: ['/bin/echo', words] },
    root: { path: '/b' },
  });
});

it('withRoot() refuses what is no config.json of ours', () => {
  expect(() => withRoot('{"ociVersion":"1.0.2"}', '/b')).toThrow('root');
});
