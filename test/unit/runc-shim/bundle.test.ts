import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BundleError, prepareBundle, removeBundle } from '../../../runc-shim/bundle.ts';
import type { ContainerSpec } from '../../../runc-shim/oci/container-spec.ts';
import { MNT_DETACH } from '../../../sys/mount-flags.ts';
import { containerSpec } from '../../support/container-specs.ts';
import { FakeSys } from '../../support/fake-sys.ts';

let dir = '';
let sys = new FakeSys();
const lower = (): string => join(dir, 'image');
const bundles = (): string => join(dir, 'bundles');
const bundle = (): string => join(bundles(), 'a');

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bundle-'));
  sys = new FakeSys();
  mkdirSync(join(lower(), 'bin'), { recursive: true, mode: 0o755 });
});

afterEach(() => {
  rmSync(dir, { recursive: true });
});

function prepare(changes: Partial<ContainerSpec> = {}): string {
  const container = containerSpec({ rootfs: lower(), ...changes });
  return prepareBundle(sys, { id: 'a', container, cgroupsPath: '/services/a' }, bundles());
}

/** The BundleError that `action` throws. */
function failureOf(action: () => unknown): BundleError {
  try {
    action();
  } catch (error) {
    if (error instanceof BundleError) return error;
    throw error;
  }
  throw new Error('It did not fail');
}

describe('prepareBundle()', () => {
  test.each([false, true])('mounts an overlay over a tmpfs, readonly %s', (readonly) => {
    expect(prepare({ readonly })).toBe(bundle());
    const writable = join(bundle(), 'writable');
    expect(sys.argsOf('mount')).toEqual([
      ['tmpfs', writable, 'tmpfs', 0, 'mode=700,size=50%'],
      [
        'overlay',
        join(bundle(), 'rootfs'),
        'overlay',
        0,
        `lowerdir=${lower()},upperdir=${writable}/upper,workdir=${writable}/work`,
      ],
    ]);
  });

  test('writes the spec with the cgroup it was given', () => {
    prepare({ args: ['/bin/app'] });
    const spec: unknown = JSON.parse(readFileSync(join(bundle(), 'config.json'), 'utf8'));
    expect(spec).toMatchObject({
      process: { args: ['/bin/app'] },
      root: { path: 'rootfs' },
      linux: { cgroupsPath: '/services/a' },
    });
  });

  test('makes what can be written as large as the container says', () => {
    prepare({ writableSize: '64M' });
    expect(sys.argsOf('mount')[0]?.[4]).toBe('mode=700,size=64M');
  });

  test('lets a container with ids of its own pass to its root, which is its own', () => {
    const { namespaces } = containerSpec();
    const mappings = [{ containerID: 0, hostID: 4_000, size: 100 }];
    prepare({
      namespaces: { ...namespaces, user: 'new' },
      uidMappings: mappings,
      gidMappings: mappings,
    });
    const { uid, gid } = statSync(join(bundle(), 'writable/upper'));
    expect([uid, gid]).toEqual([4_000, 4_000]);
    for (const path of [bundles(), bundle()]) expect(statSync(path).mode & 0o777).toBe(0o711);
  });

  test('keeps everybody else out of the bundle', () => {
    prepare();
    expect(statSync(bundle()).mode & 0o777).toBe(0o700);
  });

  test("gives the container's root the mode of the image's root", () => {
    rmSync(lower(), { recursive: true });
    mkdirSync(join(lower(), 'bin'), { recursive: true, mode: 0o711 });
    prepare();
    expect(statSync(join(bundle(), 'writable', 'upper')).mode & 0o7777).toBe(0o711);
  });

  test("gives the container's root the owner of the image's root", () => {
    // Only root can give a directory away; for others the owner stays who they are.
    if (process.getuid?.() === 0) chownSync(lower(), 12, 34);
    const { uid, gid } = statSync(lower());
    prepare();
    expect(statSync(join(bundle(), 'writable', 'upper'))).toMatchObject({ uid, gid });
  });

  test('makes the directories that binds name and that do not exist', () => {
    const file = join(dir, 'file');
    writeFileSync(file, 'kept');
    const sources = [join(dir, 'tmp', 'etc'), file];
    prepare({
      binds: sources.map((source) => ({ source, destination: '/x', options: ['rbind'] })),
    });
    expect(statSync(join(dir, 'tmp', 'etc')).isDirectory()).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });

  test.each(['/proc/ishmael-none', '/sys/ishmael-none', '/dev/ishmael-none'])(
    'leaves a missing %s to the runtime',
    (source) => {
      prepare({ binds: [{ source, destination: '/x', options: ['bind'] }] });
      expect(existsSync(source)).toBe(false);
    },
  );

  test('names the bind source that cannot be made', () => {
    writeFileSync(join(dir, 'file'), '');
    const source = join(dir, 'file', 'below');
    const binds = [{ source, destination: '/x', options: ['rbind'] }];
    expect(failureOf(() => prepare({ binds }))).toMatchObject({
      code: 'bind-source',
      path: source,
    });
  });

  test('gives up on a bind source where no directory can be made', () => {
    // A link, because a path that says /proc is left alone. Node's own recursive mkdir never returns.
    symlinkSync('/proc', join(dir, 'link'));
    const binds = [{ source: join(dir, 'link', 'none', 'below'), destination: '/x', options: [] }];
    expect(failureOf(() => prepare({ binds }))).toMatchObject({ code: 'bind-source' });
  });

  test.each([
    ['missing', '/ishmael-none'],
    ['empty', 'empty'],
  ])('says which root filesystem is %s', (_what, name) => {
    mkdirSync(join(dir, 'empty'));
    const rootfs = name.startsWith('/') ? name : join(dir, name);
    const error = failureOf(() => prepare({ rootfs }));
    expect(error).toMatchObject({ code: 'rootfs-empty', path: rootfs });
    expect(error.message).toContain(rootfs);
    expect(sys.calls).toEqual([]);
  });

  test.each([
    [1, 'tmpfs'],
    [2, 'overlay'],
  ])('reports the failure of mount %i (%s) with its errno', (nth) => {
    sys.failNext('mount', 'ENODEV', nth);
    const error = failureOf(() => prepare());
    expect(error).toMatchObject({ code: 'mount-failed', cause: { code: 'ENODEV' } });
  });

  test('starts afresh after an attempt that stopped half-way', () => {
    sys.failNext('mount', 'ENODEV', 2);
    failureOf(() => prepare());
    writeFileSync(join(bundle(), 'pid'), '17');
    prepare();
    expect(sys.argsOf('umount')).toHaveLength(2);
    expect(existsSync(join(bundle(), 'pid'))).toBe(false);
  });
});

describe('removeBundle()', () => {
  test('unmounts the overlay before the tmpfs below it, then deletes', () => {
    prepare();
    removeBundle(sys, 'a', bundles());
    expect(sys.argsOf('umount')).toEqual([
      [join(bundle(), 'rootfs'), MNT_DETACH],
      [join(bundle(), 'writable'), MNT_DETACH],
    ]);
    expect(existsSync(bundle())).toBe(false);
    expect(existsSync(lower())).toBe(true);
  });

  test('succeeds when there is nothing to remove', () => {
    sys.failNext('umount', 'ENOENT');
    sys.failNext('umount', 'EINVAL', 2);
    removeBundle(sys, 'a', bundles());
    expect(sys.argsOf('umount')).toHaveLength(2);
  });

  test('deletes nothing while a mount stays', () => {
    prepare();
    sys.failNext('umount', 'EPERM');
    const error = failureOf(() => {
      removeBundle(sys, 'a', bundles());
    });
    expect(error).toMatchObject({ code: 'remove-failed', path: join(bundle(), 'rootfs') });
    expect(existsSync(join(bundle(), 'config.json'))).toBe(true);
  });
});
