import { expect, it } from 'vitest';
import { withRoot } from '../../../../runc-shim/containerd/with-root.ts';

it('withRoot() changes where the root is, and no digit of the rest', () => {
  const rest =
    '"rlimits":[{"soft":18446744073709551615,"hard":0.5}],"limit":-1,"name":"18446744073709551615"';
  const config = `{"ociVersion":"1.0.2","root":{"path":"rootfs","readonly":true},${rest}}`;
  expect(withRoot(config, '/b/web/rootfs')).toBe(
    `{"ociVersion":"1.0.2","root":{"path":"/b/web/rootfs","readonly":true},${rest}}`,
  );
});
