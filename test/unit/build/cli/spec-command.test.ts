import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dispatch } from '../../../../build/cli/dispatch.ts';
import { parseConfig } from '../../../../build/config/parse-config.ts';
import { generateSpec } from '../../../../runc-shim/oci/generate.ts';
import { REDIS } from '../../../support/container-specs.ts';

let dir = '';
let printed = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'spec-command-'));
  printed = '';
  // No image is built: components are taken as their recipes will make them.
  vi.stubEnv('XDG_CACHE_HOME', join(dir, 'cache'));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

function write(text: string): string {
  const file = join(dir, 'a.yml');
  writeFileSync(file, `kernel: {image: ishmael/kernel}\n${text}`);
  return file;
}

const THREE = `onboot:
  - {name: one, image: ishmael/busybox, command: [/1], net: new}
  - {name: two, image: ishmael/busybox, command: [/2], cgroupsPath: mine/two}
onshutdown:
  - {name: one, image: ishmael/busybox, command: [/3]}
services:
  - {name: web, image: ishmael/busybox, command: [/4]}
`;

describe('ishmael spec', () => {
  test("prints every container's files by LinuxKit's directory names", async () => {
    expect(await dispatch(['spec', write(THREE)])).toBe(0);
    expect(JSON.parse(printed)).toMatchObject({
      onboot: {
        '000-one': {
          config: { process: { args: ['/1'] }, linux: { cgroupsPath: '/onboot/000-one' } },
          runtime: {},
        },
        '001-two': { config: { linux: { cgroupsPath: '/mine/two' } } },
      },
      onshutdown: {
        '000-one': {
          config: {
            process: { args: ['/3'] },
            linux: { cgroupsPath: '/onshutdown/onshutdown-000-one' },
          },
        },
      },
      services: { web: { config: { linux: { cgroupsPath: '/services/web' } } } },
    });
  });

  test.each([
    [[], 'SCMP_ARCH_X86_64'],
    [['--arch', 'arm64'], 'SCMP_ARCH_AARCH64'],
  ])('tells what a machine of the architecture is given, with %j', async (options, expected) => {
    await dispatch(['spec', write(THREE), ...options]);
    const { services } = JSON.parse(printed) as {
      services: { web: { config: { linux: { seccomp: { architectures: string[] } } } } };
    };
    expect(services.web.config.linux.seccomp.architectures).toContain(expected);
  });

  test('refuses an architecture that it does not know', async () => {
    await expect(dispatch(['spec', write(THREE), '--arch', 'mips'])).rejects.toThrow(
      "Option '--arch' must be amd64 or arm64, not 'mips'",
    );
  });

  test.each([
    [['--section', 'services'], { services: ['web'] }],
    [['--name', 'one'], { onboot: ['000-one'], onshutdown: ['000-one'], services: [] }],
    [['--name', '001-two'], { onboot: ['001-two'], onshutdown: [], services: [] }],
    [['--section', 'onshutdown', '--name', 'one'], { onshutdown: ['000-one'] }],
  ])('chooses with %j', async (options, expected) => {
    await dispatch(['spec', write(THREE), ...options]);
    const found = Object.entries(JSON.parse(printed) as Record<string, object>);
    expect(Object.fromEntries(found.map(([key, value]) => [key, Object.keys(value)]))).toEqual(
      expected,
    );
  });

  test('prints what the guest would write, RLIM_INFINITY digit by digit', async () => {
    const file = write(`defaults: linuxkit
services: [{name: plain, image: ishmael/busybox, command: [/bin/true], rlimits: ["core,0,unlimited"]}]`);
    await dispatch(['spec', file]);
    expect(printed).toContain('"hard": 18446744073709551615');
    const spec = generateSpec(
      {
        ...REDIS,
        name: 'plain',
        args: ['/bin/true'],
        cwd: '/',
        capabilities: [],
        defaults: 'linuxkit',
      },
      { cgroupsPath: '/services/plain' },
    );
    expect(JSON.parse(printed)).toMatchObject({
      services: { plain: { config: { mounts: spec.mounts, root: spec.root } } },
    });
  });

  test.each([
    [['--section', 'init'], "'--section'"],
    [['--name', 'nemo'], "'nemo'"],
  ])('refuses %j', async (options, why) => {
    await expect(dispatch(['spec', write(THREE), ...options])).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining(why) as string,
    });
  });

  test('tells what is wrong with the file, images included', async () => {
    const file = write('services: [{name: a, image: nobody/has-it, cwd: x}]\n');
    await expect(dispatch(['spec', file])).rejects.toMatchObject({
      name: 'InvalidConfigError',
      rendered: expect.stringMatching(/no image "nobody\/has-it"[^]*cwd/) as string,
    });
  });
});

test('ishmael explain lists what differs, whatever the file says', async () => {
  const file = write(
    'defaults: linuxkit\nservices: [{name: a, image: ishmael/busybox, command: [/x], noNewPrivileges: true}]',
  );
  expect(await dispatch(['explain', file])).toBe(0);
  expect(printed).toContain('defaults: linuxkit');
  expect(printed).toContain('services a:');
  expect(printed).toMatch(/mounts\[\/dev\/shm\] +linuxkit: nothing; hardened: /);
  expect(printed).toMatch(
    /linux.seccomp +linuxkit: nothing; hardened: a profile that allows \d{3} /,
  );
  expect(printed).toMatch(/writableSize +linuxkit: 50%; hardened: 25%/);
  expect(printed).not.toContain('noNewPrivileges');
});

describe('ishmael new', () => {
  test('writes a file that is valid, and replaces none', async () => {
    const file = join(dir, 'first.yml');
    expect(await dispatch(['new', file])).toBe(0);
    expect(printed).toBe(`${file}\n`);
    const text = readFileSync(file, 'utf8');
    expect(parseConfig(file, text).diagnostics).toEqual([]);
    expect(text).toMatch(/^# yaml-language-server: \$schema=\/.*\/docs\/schema\.json$/m);
    printed = '';
    await dispatch(['spec', file, '--name', 'redis']);
    expect(JSON.parse(printed)).toHaveProperty('services.redis.config.process');
    await expect(dispatch(['new', file])).rejects.toMatchObject({ name: 'UsageError' });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});

describe('ishmael build --dry-run', () => {
  test('prints what files are merged to', async () => {
    const file = write('init: ["${IMAGE}"]\n');
    expect(await dispatch(['build', file, '--dry-run', '--set', 'IMAGE=x'])).toBe(0);
    expect(printed).toBe('kernel:\n  image: ishmael/kernel\ninit:\n  - x\n');
  });

  test('tells what is wrong', async () => {
    const file = write('init: ["${ISHMAEL_NOT_SET}"]\n');
    await expect(dispatch(['build', file, '--dry-run'])).rejects.toMatchObject({
      name: 'InvalidConfigError',
    });
  });
});
