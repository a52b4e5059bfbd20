import { expect, test } from 'vitest';
import { choosePlatform, ociPlatform, platformName } from '../../../../build/image/platform.ts';

function entry(architecture: string, variant?: string, os = 'linux') {
  const digest = `${os}-${architecture}-${variant}`;
  return { mediaType: '', digest, size: 0, platform: { os, architecture, variant } };
}

test.each([
  ['the plain one', [entry('arm64'), entry('amd64')], 'amd64', 'linux-amd64-undefined'],
  ['the common variant', [entry('arm64', 'v9'), entry('arm64', 'v8')], 'arm64', 'linux-arm64-v8'],
  ['a rare variant when it is the only one', [entry('arm', 'v7')], 'arm', 'linux-arm-v7'],
  [
    'the variant that is asked for',
    [entry('arm', 'v6'), entry('arm', 'v7')],
    'arm/v7',
    'linux-arm-v7',
  ],
  ['no other variant than that', [entry('arm', 'v6'), entry('arm')], 'arm/v7', undefined],
  ['a plain one for the common variant', [entry('arm64')], 'arm64/v8', 'linux-arm64-undefined'],
  ['none of another system', [entry('amd64', undefined, 'windows')], 'amd64', undefined],
  ['no attestation', [entry('unknown', undefined, 'unknown')], 'amd64', undefined],
])('choosePlatform() takes %s', (_, manifests, architecture, digest) => {
  expect(choosePlatform(manifests, architecture)?.digest).toBe(digest);
});

test.each([
  ['amd64', { os: 'linux', architecture: 'amd64' }, 'amd64'],
  ['arm64/v8', { os: 'linux', architecture: 'arm64' }, 'arm64'],
  ['arm/v7', { os: 'linux', architecture: 'arm', variant: 'v7' }, 'arm/v7'],
])('ociPlatform() and platformName() agree about %s', (wanted, platform, name) => {
  expect(ociPlatform(wanted)).toEqual(platform);
  expect(platformName(platform)).toBe(name);
});
