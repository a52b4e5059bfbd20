/** `ishmael build` of a file whose images come from a registry: the lock, the options, the messages. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asRoot, findProgram } from '../support/namespaces.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { skopeoCopy, writeIndex, writeLayout } from '../support/test-images.ts';

const ISHMAEL = resolve(import.meta.dirname, '../../build/ishmael.sh');

let scratch: string;
let registry: Registry;
let digest: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ishmael-build-images-'));
  registry = await startRegistry();
  const layout = join(scratch, 'layout');
  // `kernel.tar` may be empty: an archive of nothing.
  const kernel = { kernel: 'not really', 'kernel.tar': '\0'.repeat(1024) };
  await writeLayout(layout, 'kernel', { layers: [kernel] });
  digest = await writeLayout(layout, 'app', {
    layers: [{ 'bin/app': 'call me', 'lib/apk/db/installed': 'P:tiny\nV:1-r0\n' }],
  });
  await writeLayout(layout, 'changed', { layers: [{ 'bin/app': 'otherwise' }] });
  for (const tag of ['kernel', 'app']) push(tag, `${tag}:1`);
  const platforms = join(scratch, 'platforms');
  for (const architecture of ['amd64', 'arm64', 'arm/v6', 'arm/v7']) {
    const image = { architecture, layers: [{ 'bin/app': architecture }] };
    await writeLayout(platforms, architecture.replace('/', ''), image);
  }
  writeIndex(platforms, 'multi');
  skopeoCopy(`oci:${platforms}:multi`, `docker://${registry.host}/multi:1`, '--all');
});
afterAll(async () => {
  await registry.stop();
  rmSync(scratch, { recursive: true });
});

function push(tag: string, name: string): void {
  skopeoCopy(`oci:${join(scratch, 'layout')}:${tag}`, `docker://${registry.host}/${name}`);
}

interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
}

/** Builds in a folder of its own, with a cache that `cache` names. */
function build(
  folder: string,
  cache: string,
  ...options: (string | { readonly verify: string })[]
): Outcome {
  const cwd = join(scratch, folder);
  mkdirSync(cwd, { recursive: true });
  const image = (name: string): string => `${registry.host}/${name}`;
  writeFileSync(
    join(cwd, 'm.yml'),
    `kernel: {image: '${image('kernel:1')}'}\nservices:\n  - {name: a, image: '${image('app:1')}'}\n`,
  );
  for (const option of options) {
    if (typeof option !== 'string') appendFileSync(join(cwd, 'm.yml'), option.verify);
  }
  const env = { ...process.env, XDG_CACHE_HOME: join(scratch, cache) };
  const words = options.filter((option) => typeof option === 'string');
  const args = ['build', 'm.yml', '--quick', ...words];
  const { status, stderr } = spawnSync(ISHMAEL, args, { cwd, encoding: 'utf8', env });
  return { code: status, stderr };
}

function lockOf(folder: string): Readonly<Record<string, { digest: string }>> {
  const text = readFileSync(join(scratch, folder, 'ishmael.lock'), 'utf8');
  return (JSON.parse(text) as { images: Record<string, { digest: string }> }).images;
}

function initrd(folder: string): Buffer {
  return readFileSync(join(scratch, folder, 'm-initrd.img'));
}

describe('ishmael build', () => {
  test('pulls what the file names, writes the lock, and repeats without the network', () => {
    const first = build('one', 'cache');
    expect(first.stderr).toMatch(/pulling 127\.0\.0\.1:\d+\/app:1 \(/u);
    expect(first.code).toBe(0);
    expect(lockOf('one')[`${registry.host}/app:1`]).toEqual({
      digest,
      source: `${registry.host}/app:1`,
    });
    const bytes = initrd('one');
    const again = build('one', 'cache', '--offline', '--locked');
    expect([again.code, again.stderr.includes('pulling')]).toEqual([0, false]);
    expect(initrd('one')).toEqual(bytes);
    // Another cache, so that everything is pulled once more, by the lock.
    expect(build('one', 'other-cache', '--locked').code).toBe(0);
    expect(initrd('one')).toEqual(bytes);
  });

  test('keeps to the lock when a tag moves, until --pull', () => {
    build('two', 'cache-two');
    const [bytes, before] = [initrd('two'), lockOf('two')];
    push('changed', 'app:1');
    try {
      expect(build('two', 'empty-cache').code).toBe(0);
      expect([initrd('two'), lockOf('two')]).toEqual([bytes, before]);
      expect(build('two', 'cache-two', '--pull').code).toBe(0);
      expect(lockOf('two')).not.toEqual(before);
      expect(initrd('two')).not.toEqual(bytes);
    } finally {
      push('app', 'app:1');
    }
  });

  test('refuses with the place of each image, and leaves nothing', () => {
    const { code, stderr } = build('three', 'cache-three', '--offline');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^m\.yml:1:17: no image ".*kernel:1": Cannot get .*--offline/mu);
    expect(stderr).toMatch(/^m\.yml:3:22: no image ".*app:1": Cannot get .*--offline/mu);
    expect(build('three', 'cache', '--locked').stderr).toContain('ishmael.lock does not have it');
    expect(readdirSync(join(scratch, 'three'))).toEqual(['m.yml']);
    expect(existsSync(join(scratch, 'cache-three/ishmael/images/index.json'))).toBe(false);
  });

  test('writes every format, the same bytes from another cache', () => {
    const formats = ['--format', 'tar,docker', '--format=tar-kernel-initrd,kernel+initrd'];
    const outputs = ['.tar', '-cmdline', '-docker.tar', '-initrd.img', '-initrd.tar', '-kernel'];
    expect(build('formats', 'cache', ...formats).code).toBe(0);
    expect(build('formats-again', 'other-cache', ...formats).code).toBe(0);
    const file = (folder: string, name: string): string => join(scratch, folder, `m${name}`);
    for (const name of outputs) {
      const bytes = readFileSync(file('formats', name));
      expect(bytes.equals(readFileSync(file('formats-again', name)))).toBe(true);
    }
    const member = (archive: string, path: string): Buffer =>
      execFileSync('tar', ['-xOf', file('formats', archive), path]);
    expect(member('.tar', 'boot/kernel').toString()).toBe('not really');
    expect(member('.tar', 'boot/cmdline')).toEqual(readFileSync(file('formats', '-cmdline')));
    expect(member('-initrd.tar', 'initrd.img')).toEqual(
      readFileSync(file('formats', '-initrd.img')),
    );
    expect(member('-initrd.tar', 'kernel').toString()).toBe('not really');
  });

  test('tells in a tar image where each entry is from', async () => {
    const source = createReadStream(join(scratch, 'formats/m.tar'));
    const origins = new Map<string, string>();
    for await (const { header } of source.pipe(extract())) {
      const pax = header.pax as Readonly<Record<string, string>> | null | undefined;
      origins.set(header.name, `${pax?.['LINUXKIT.location']} ${pax?.['LINUXKIT.source']}`);
    }
    expect([...origins.values()].filter((origin) => origin.includes('undefined'))).toEqual([]);
    expect(origins.get('boot/kernel')).toBe(`kernel ${registry.host}/kernel:1`);
    expect(origins.get('etc/ishmael/manifest.json')).toBe('manifest ishmael');
    const app = [...origins.keys()].find((name) => name.endsWith('rootfs/bin/app'));
    expect(origins.get(app ?? '')).toBe(`services[0] ${registry.host}/app:1`);
  });

  test('has volumes with the images for several platforms, as a layout that tools read', () => {
    const volume = `{name: v, image: '${registry.host}/multi:1', format: oci, platforms: [linux/arm64, linux/arm/v7]}`;
    const yaml = { verify: `volumes:\n  - ${volume}\n` };
    const { code, stderr } = build('platforms', 'cache', '--format=tar', yaml);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    const folder = join(scratch, 'platforms-root');
    mkdirSync(folder);
    execFileSync('tar', ['-xf', join(scratch, 'platforms/m.tar'), '-C', folder, 'containers']);
    const layout = `oci:${folder}/containers/volumes/v/lower:${registry.host}/multi:1`;
    const platforms = [
      ['--override-arch=arm64', 'arm64'],
      ['--override-arch=arm', '--override-variant=v7', 'arm/v7'],
    ];
    for (const [index, words] of platforms.entries()) {
      const gzip = '--dest-compress-format=gzip';
      skopeoCopy(layout, `oci:${folder}/one-${index}:m`, gzip, ...words.slice(0, -1));
      execFileSync(
        'umoci',
        ['unpack', '--rootless', '--image', `${folder}/one-${index}:m`, `${folder}/b${index}`],
        { stdio: 'pipe' },
      );
      const text = readFileSync(`${folder}/b${index}/rootfs/bin/app`, 'utf8');
      expect(text).toBe(words.at(-1));
    }
    const wrong = { verify: yaml.verify.replace('arm64', 's390x') };
    const refused = build('platforms-wrong', 'cache', wrong);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^m\.yml:5:\d+: no image ".*multi:1" for linux\/s390x: .*no image for linux\/s390x/mu,
    );
  });

  test('on top of an earlier tar copies what has not changed, to the same bytes', () => {
    const old = join(scratch, 'formats/m.tar');
    const tar = (folder: string): Buffer => readFileSync(join(scratch, folder, 'm.tar'));
    const same = build('on-top', 'cache', '--format=tar', '--input-tar', old);
    expect(same.stderr.match(/copying \S+ from/gu)).toEqual([
      'copying services[0] from',
      'copying kernel from',
    ]);
    expect(same.code).toBe(0);
    expect(tar('on-top').equals(tar('formats'))).toBe(true);
  });

  test('on top of an earlier tar makes the changed part anew', () => {
    const old = join(scratch, 'formats/m.tar');
    const tar = (folder: string): Buffer => readFileSync(join(scratch, folder, 'm.tar'));
    push('changed', 'app:1');
    try {
      const changed = build('app-changed', 'cache-on-top', '--format=tar', '--input-tar', old);
      expect(changed.stderr.match(/copying \S+ from/gu)).toEqual(['copying kernel from']);
      expect(build('app-fresh', 'cache-on-top', '--format=tar').code).toBe(0);
    } finally {
      push('app', 'app:1');
    }
    expect(tar('app-changed').equals(tar('app-fresh'))).toBe(true);
    expect(tar('app-changed').equals(tar('formats'))).toBe(false);
  });

  test('refuses to build on top of what tells nothing of its parts', () => {
    const refusal = (file: string): Outcome =>
      build('refused', 'cache', '--format=tar', '--input-tar', file);
    const plain = join(scratch, 'plain.tar');
    execFileSync('tar', ['-cf', plain, '-C', scratch, 'formats/m.yml']);
    expect(refusal(plain)).toMatchObject({ code: 1 });
    expect(refusal(plain).stderr).toContain('has the PAX record ISHMAEL.part');
    expect(refusal(join(scratch, 'absent.tar'))).toMatchObject({ code: 2 });
    expect(refusal(join(scratch, 'refused/m.tar')).stderr).toContain('is to be written');
    expect(readdirSync(join(scratch, 'refused')).toSorted()).toEqual(['ishmael.lock', 'm.yml']);
  });

  test('tells what went in, beside the output and in the root', () => {
    const beside = readFileSync(join(scratch, 'formats/m-sbom.spdx.json'));
    expect(execFileSync('tar', ['-xOf', join(scratch, 'formats/m.tar'), 'sbom.spdx.json'])).toEqual(
      beside,
    );
    const { packages } = JSON.parse(beside.toString()) as { packages: { name: string }[] };
    expect(packages.map(({ name }) => name)).toEqual([
      'm',
      `${registry.host}/kernel:1`,
      `${registry.host}/app:1`,
      'tiny',
    ]);
    expect(build('bare', 'cache', '--sbom=none').code).toBe(0);
    expect(readdirSync(join(scratch, 'bare')).filter((name) => name.includes('sbom'))).toEqual([]);
    expect(initrd('bare').equals(readFileSync(join(scratch, 'formats/m-initrd.img')))).toBe(false);
  });

  test('makes an image of the root that other tools read', () => {
    const archive = `docker-archive:${join(scratch, 'formats/m-docker.tar')}`;
    const config = execFileSync('skopeo', ['inspect', '--config', archive], { encoding: 'utf8' });
    expect(JSON.parse(config)).toMatchObject({ config: { Entrypoint: ['/init'] } });
    skopeoCopy(archive, `oci:${scratch}/loaded:m`);
    const bundle = join(scratch, 'bundle');
    execFileSync('umoci', ['unpack', '--rootless', '--image', `${scratch}/loaded:m`, bundle], {
      stdio: 'pipe',
    });
    expect(existsSync(join(bundle, 'rootfs/etc/ishmael/manifest.json'))).toBe(true);
    expect(existsSync(join(bundle, 'rootfs/boot'))).toBe(false);
  });

  test('holds the images to the rules of the file', () => {
    const verify = `verify:\n  - {images: '*', unsigned: accept}\n  - {images: '${registry.host}/app', unsigned: reject}\n`;
    const { code, stderr } = build('rules', 'cache', { verify });
    expect([code, stderr.match(/no image/gu)]).toEqual([2, ['no image']]);
    expect(stderr).toMatch(/^m\.yml:3:22: no image ".*app:1": .*not to be used \(verify\)/mu);
  });

  test('refuses options that contradict each other', () => {
    expect(build('four', 'cache', '--pull', '--offline')).toMatchObject({ code: 2 });
    expect(build('four', 'cache', '--mirror', 'x')).toMatchObject({ code: 2 });
  });

  test('names the package of a missing skopeo', () => {
    const skopeo = findProgram('skopeo') ?? '';
    const cwd = join(scratch, 'one');
    const script = `mount --bind /dev/null ${skopeo} && XDG_CACHE_HOME=${scratch}/no-skopeo exec ${ISHMAEL} build m.yml`;
    const [command, args] = asRoot('unshare', ['--mount', 'sh', '-c', script]);
    expect(() => execFileSync(command, args, { cwd, encoding: 'utf8', stdio: 'pipe' })).toThrow(
      /skopeo \(package skopeo\), needed to get images .* apt-get install skopeo/u,
    );
  });
});
