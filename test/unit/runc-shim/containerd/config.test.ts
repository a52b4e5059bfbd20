import { expect, it } from 'vitest';
import {
  CONTAINERD_PLACES,
  renderContainerdConfig,
} from '../../../../runc-shim/containerd/config.ts';

it('renderContainerdConfig() asks for nothing that Kubernetes wants', () => {
  const text = renderContainerdConfig(CONTAINERD_PLACES);
  expect(text).toContain('version = 2\nroot = "/var/lib/containerd"\nstate = "/run/containerd"\n');
  for (const plugin of ['grpc.v1.cri', 'nri.v1.nri', 'btrfs', 'zfs', 'aufs', 'devmapper']) {
    expect(text).toMatch(new RegExp(`disabled_plugins = \\[.*${plugin}"`));
  }
});
