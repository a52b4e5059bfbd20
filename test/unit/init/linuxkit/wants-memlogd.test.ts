import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { wantsMemlogd } from '../../../../init/linuxkit/wants-memlogd.ts';
import type { Manifest } from '../../../../supervisor/manifest.ts';
import { DEFAULT_SERVICE_POLICY } from '../../../../supervisor/service/policy.ts';
import { containerSpec } from '../../../support/container-specs.ts';

const NOTHING: Manifest = {
  version: 1,
  name: 'x',
  from: 'linuxkit',
  panicTimeout: 0,
  onboot: [],
  services: [],
  onshutdown: [],
};

function binding(source: string): Manifest {
  const binds = [{ source, destination: '/x', options: [] }];
  const service = { ...containerSpec({ binds }), policy: DEFAULT_SERVICE_POLICY, preStart: [] };
  return { ...NOTHING, services: [service] };
}

it('wantsMemlogd() where LinuxKit has it, or a container looks for it', () => {
  const root = mkdtempSync(join(tmpdir(), 'wants-memlogd-'));
  try {
    expect(wantsMemlogd(NOTHING, root)).toBe(false);
    expect(wantsMemlogd(binding('/var/log'), root)).toBe(false);
    expect(wantsMemlogd(binding('/var/run'), root)).toBe(true);
    expect(wantsMemlogd(binding('/run/memlogdq.sock'), root)).toBe(true);
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    writeFileSync(join(root, 'usr/bin/memlogd'), '');
    expect(wantsMemlogd(NOTHING, root)).toBe(true);
    const { from: _ours, ...ours } = binding('/var/run');
    expect(wantsMemlogd(ours, root)).toBe(false);
  } finally {
    rmSync(root, { recursive: true });
  }
});
