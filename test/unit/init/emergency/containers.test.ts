import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { containerStatus, findContainers } from '../../../../init/emergency/containers.ts';
import { forgetExits, readExits, writeExits } from '../../../../init/emergency/inherited-exits.ts';
import { MANIFEST_VERSION, type Manifest } from '../../../../supervisor/manifest.ts';
import {
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_ONSHUTDOWN_POLICY,
  DEFAULT_SERVICE_POLICY,
} from '../../../../supervisor/service/policy.ts';
import { containerSpec } from '../../../support/container-specs.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'emergency-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

const MANIFEST: Manifest = {
  version: MANIFEST_VERSION,
  name: 'box',
  panicTimeout: 10,
  onboot: [{ ...containerSpec({ name: 'net' }), policy: DEFAULT_ONBOOT_POLICY }],
  services: ['redis', 'web', 'db'].map((name) => ({
    ...containerSpec({ name }),
    preStart: [],
    policy: { ...DEFAULT_SERVICE_POLICY, stopSignal: 3 },
  })),
  onshutdown: [{ ...containerSpec({ name: 'save' }), policy: DEFAULT_ONSHUTDOWN_POLICY }],
};

function bundle(id: string, pid?: string): void {
  mkdirSync(join(directory, id));
  if (pid !== undefined) writeFileSync(join(directory, id, 'pid'), pid);
}

describe('findContainers()', () => {
  it('finds by their bundles what runs and is in the manifest', () => {
    bundle('redis', '87');
    bundle('000-net', '70');
    bundle('onshutdown-000-save', '92');
    bundle('web', '90'); // has ended
    bundle('db'); //         not created yet
    bundle('stranger', '91');
    const found = findContainers(MANIFEST, (pid) => pid !== 90, directory);
    expect(found.map(({ id, pid, kind, stopSignal }) => [id, pid, kind, stopSignal])).toEqual([
      ['000-net', 70, 'onboot', 15],
      ['onshutdown-000-save', 92, 'onshutdown', 15],
      ['redis', 87, 'service', 3],
    ]);
  });

  it.each(['', '0', '1', '-7', 'x', '8.5'])('takes "%s" for no pid', (text) => {
    bundle('redis', text);
    expect(findContainers(MANIFEST, () => true, directory)).toEqual([]);
  });

  it('finds none where nothing was ever launched', () => {
    expect(findContainers(MANIFEST, () => true, join(directory, 'missing'))).toEqual([]);
  });
});

describe('containerStatus()', () => {
  const found = {
    id: 'a',
    name: 'a',
    kind: 'service',
    image: 'i',
    pid: 87,
    stopSignal: 15,
  } as const;

  it('is running as long as it has not ended', () => {
    expect(containerStatus(found, 5, undefined)).toMatchObject({ state: 'running', pid: 87 });
  });

  it('says how it has ended, and why it stays so', () => {
    const exit = { kind: 'signaled', signal: 9, core: false } as const;
    const status = containerStatus(found, 5, { exit, atMs: 70 });
    expect(status).toMatchObject({
      state: 'failed',
      sinceMs: 70,
      lastExit: { kind: 'signaled', signal: 'SIGKILL', atMs: 70 },
    });
    expect(status.pid).toBeUndefined();
    expect(status.reason).toContain('resumed');
  });
});

describe('exits of an emergency', () => {
  it('reach the generation after it, and then nobody', () => {
    const file = join(directory, 'exits.json');
    expect(readExits(file)).toEqual(new Map());
    const exits = new Map([[87, { kind: 'exited', code: 3 } as const]]);
    writeExits(exits, file);
    expect(readExits(file)).toEqual(exits);
    forgetExits(file);
    forgetExits(file);
    expect(readExits(file)).toEqual(new Map());
    writeFileSync(file, '[[8');
    expect(readExits(file)).toEqual(new Map());
  });
});
