import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { linkLogs } from '../../../../init/linuxkit/link-logs.ts';
import type { Manifest } from '../../../../supervisor/manifest.ts';
import {
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_ONSHUTDOWN_POLICY,
  DEFAULT_SERVICE_POLICY,
} from '../../../../supervisor/service/policy.ts';
import { containerSpec } from '../../../support/container-specs.ts';

const named = (name: string): ReturnType<typeof containerSpec> => containerSpec({ name });
const MACHINE: Manifest = {
  version: 1,
  name: 'x',
  from: 'linuxkit',
  panicTimeout: 0,
  onboot: [{ ...named('dhcpcd'), policy: DEFAULT_ONBOOT_POLICY }],
  services: [{ ...named('redis'), policy: DEFAULT_SERVICE_POLICY, preStart: [] }],
  onshutdown: [{ ...named('bye'), policy: DEFAULT_ONSHUTDOWN_POLICY }],
};

let root: string;
let warnings: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'link-logs-'));
  mkdirSync(join(root, 'run'));
  mkdirSync(join(root, 'var'));
  warnings = [];
});

afterEach(() => rmSync(root, { recursive: true }));

function link(manifest: Manifest = MACHINE): void {
  linkLogs(manifest, (_severity, text) => void warnings.push(text), root);
}

it("linkLogs() puts links where LinuxKit's users look", () => {
  link();
  link();
  const to = (path: string): string => readlinkSync(join(root, path));
  expect(to('var/log/redis.log')).toBe('/run/log/redis/stderr.log');
  expect(to('var/log/redis.out.log')).toBe('/run/log/redis/stdout.log');
  expect(to('var/log/onboot')).toBe('/run/log/onboot');
  expect(to('run/log/onboot/onboot.000-dhcpcd.out.log')).toBe('/run/log/000-dhcpcd/stdout.log');
  expect(to('run/log/shutdown/shutdown.000-bye.log')).toBe(
    '/run/log/onshutdown-000-bye/stderr.log',
  );
  expect(warnings).toEqual([]);
});

it('linkLogs() leaves a machine of our own builder alone, and says what it cannot do', () => {
  const { from: _theirs, ...ours } = MACHINE;
  link(ours);
  expect(readdirSync(join(root, 'var'))).toEqual([]);
  writeFileSync(join(root, 'var/log'), '');
  link();
  expect(warnings).toContainEqual(expect.stringMatching(/^\/var\/log\/redis.log: .*ENOTDIR/));
});
