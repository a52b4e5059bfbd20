/** Images from a real registry on the loopback, through the real skopeo. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Lock } from '../../build/config/lock-file.ts';
import {
  type EnsuredImages,
  ensureImages,
  type EnsureImagesOptions,
} from '../../build/image/ensure-images.ts';
import { openImageStore } from '../../build/image/oci-layout.ts';
import { readFileData } from '../../build/rootfs/file-data.ts';
import {
  CREDENTIALS,
  type FaultyProxy,
  type Registry,
  startProxy,
  startRegistry,
} from '../support/registry.ts';
import { skopeoCopy, writeIndex, writeLayout } from '../support/test-images.ts';

const SAVED = { ...process.env };

let scratch: string;
let registry: Registry;
let proxy: FaultyProxy;
let digests: Readonly<Record<'one' | 'two' | 'multi', string>>;
let stores = 0;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ishmael-registry-images-'));
  registry = await startRegistry();
  proxy = await startProxy(registry.host);
  const layout = join(scratch, 'layout');
  const shared = { base: 'shared'.repeat(100) };
  const one = await writeLayout(layout, 'one', { layers: [shared, { 'bin/app': 'first' }] });
  const two = await writeLayout(layout, 'two', { layers: [shared, { 'bin/app': 'second' }] });
  const platforms = join(scratch, 'platforms');
  for (const architecture of ['amd64', 'arm64']) {
    const image = { architecture, layers: [{ 'bin/app': architecture }] };
    await writeLayout(platforms, architecture, image);
  }
  digests = { one, two, multi: writeIndex(platforms, 'multi') };
  push('one', 'app:1');
  push('one', 'app:moving');
  skopeoCopy(`oci:${platforms}:multi`, `docker://${registry.host}/multi:1`, '--all');
});
afterAll(async () => {
  await proxy.stop();
  await registry.stop();
  rmSync(scratch, { recursive: true });
});
beforeEach(() => {
  proxy.decide = () => 'pass';
  proxy.requests.length = 0;
  process.env['HOME'] = mkdtempSync(join(scratch, 'home-'));
});
afterEach(() => {
  for (const name of ['HOME', 'PATH', 'REGISTRY_AUTH_FILE']) {
    const value = SAVED[name];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

function push(tag: string, name: string): void {
  skopeoCopy(`oci:${join(scratch, 'layout')}:${tag}`, `docker://${registry.host}/${name}`);
}

type Options = Partial<Omit<EnsureImagesOptions, 'store'>> & {
  readonly architecture?: string;
  readonly store?: string;
};

function freshStore(): string {
  stores += 1;
  return join(scratch, `store-${stores}`);
}

async function ensure(reference: string, options: Options = {}): Promise<EnsuredImages> {
  return ensureImages([reference], {
    lock: new Map(),
    locked: false,
    offline: false,
    refresh: false,
    mirrors: [],
    progress: () => undefined,
    ...options,
    store: openImageStore(options.store ?? freshStore(), options.architecture),
  });
}

/** What an image says it is, read from its layers; or why it could not be had. */
async function contents(reference: string, options: Options = {}): Promise<string> {
  const store = options.store ?? freshStore();
  const { images, errors } = await ensure(reference, { ...options, store });
  const image = images.get(reference);
  if (image === undefined) return `failed: ${errors.get(reference)?.message}`;
  const node = (await openImageStore(store).tree(image)).get('bin/app');
  return node?.type === 'file' ? Buffer.from(await readFileData(node.data)).toString() : 'no file';
}

function lock(reference: string, digest: string): Lock {
  return new Map([[reference, { digest, source: reference }]]);
}

function blobs(store: string): readonly string[] {
  try {
    return readdirSync(join(store, 'blobs/sha256'));
  } catch {
    // No store yet, so no blobs.
    return [];
  }
}

function configDigest(manifest: string): string {
  const path = join(scratch, 'layout/blobs', manifest.replace(':', '/'));
  const { config } = JSON.parse(readFileSync(path, 'utf8')) as { config: { digest: string } };
  return config.digest;
}

describe('an image of a registry', () => {
  test('is pulled once, with its config and its origin, and used without asking again', async () => {
    const [reference, store] = [`${proxy.host}/app:1`, freshStore()];
    const { images, used } = await ensure(reference, { store });
    expect(images.get(reference)).toMatchObject({
      config: { entrypoint: ['/bin/app'], env: ['MOTTO=sea'] },
      origin: { source: reference, digest: digests.one },
    });
    expect([...used]).toEqual([[reference, { source: reference, digest: digests.one }]]);
    proxy.requests.length = 0;
    expect(await contents(reference, { store })).toBe('first');
    expect(proxy.requests).toEqual([]);
  });

  test('is found by its digest, in the registry and in the store', async () => {
    const [reference, store] = [`${proxy.host}/app@${digests.one}`, freshStore()];
    expect(await contents(reference, { store })).toBe('first');
    expect(await contents(reference, { store, offline: true })).toBe('first');
    const other = `${proxy.host}/app@${digests.two}`;
    expect(await contents(other, { store, offline: true })).toMatch(/^failed.*--offline/u);
  });

  test.each(['amd64', 'arm64'])('for several platforms is the one for %s', async (architecture) => {
    const reference = `${registry.host}/multi:1`;
    const store = freshStore();
    const { images, used } = await ensure(reference, { architecture, store });
    const image = images.get(reference);
    if (image === undefined) throw new Error('no image');
    const node = (await openImageStore(store, architecture).tree(image)).get('bin/app');
    const bytes = node?.type === 'file' ? await readFileData(node.data) : Buffer.from('no file');
    expect(Buffer.from(bytes).toString()).toBe(architecture);
    // The lock holds on every platform.
    expect(used.get(reference)?.digest).toBe(digests.multi);
    const pinned = { architecture, lock: used, locked: true };
    expect((await ensure(reference, { ...pinned, store })).errors.size).toBe(0);
    expect((await ensure(reference, pinned)).errors.size).toBe(0);
  });

  test('for other platforms is refused by name', async () => {
    expect(await contents(`${registry.host}/multi:1`, { architecture: 's390x' })).toMatch(
      /multi:1: it has no image for linux\/s390x$/u,
    );
    expect(await contents(`${registry.host}/app:1`, { architecture: 'arm64' })).toMatch(
      /app:1: it is for linux\/amd64, not linux\/arm64$/u,
    );
  });

  test("in Docker's own form is pinned by the digest that Docker knows", async () => {
    const [own, gzip, reference] = [
      join(scratch, 'docker'),
      join(scratch, 'gzip'),
      `${registry.host}/docker:1`,
    ];
    await writeLayout(own, 'one', { layers: [{ 'bin/app': 'docker' }] });
    skopeoCopy(`oci:${own}:one`, `oci:${gzip}:one`, '--dest-compress-format=gzip');
    skopeoCopy(`oci:${gzip}:one`, `docker://${reference}`, '--format=v2s2');
    const store = freshStore();
    const { images } = await ensure(reference, { store });
    const image = images.get(reference);
    expect(image?.config.entrypoint).toEqual(['/bin/app']);
    const { digest = '', manifest } = image?.origin ?? {};
    expect([digest === manifest, digest === image?.digest]).toEqual([true, false]);
    const pinned = `${registry.host}/docker@${digest}`;
    expect(await contents(pinned, { store, offline: true })).toBe('docker');
    expect(await contents(reference, { lock: lock(reference, digest), locked: true })).toBe(
      'docker',
    );
  });

  test('is taken from a mirror, and from the registry when the mirror lacks it', async () => {
    const elsewhere = { registry: 'registry.invalid', mirror: proxy.host };
    expect(await contents('registry.invalid/app:1', { mirrors: [elsewhere] })).toBe('first');
    const lines: string[] = [];
    const poor = { registry: proxy.host, mirror: `${registry.host}/nothing` };
    const progress = (line: string): void => void lines.push(line);
    expect(await contents(`${proxy.host}/app:1`, { mirrors: [poor], progress })).toBe('first');
    expect(lines.join()).toMatch(/nothing\/app:1: .*asking 127/u);
  });
});

describe('a moving tag', () => {
  test('is what the lock says until it is to be refreshed', async () => {
    const [reference, store] = [`${registry.host}/app:moving`, freshStore()];
    const pinned = lock(reference, digests.one);
    expect(await contents(reference, { store })).toBe('first');
    push('two', 'app:moving');
    try {
      expect(await contents(reference, { store })).toBe('first');
      expect(await contents(reference, { lock: pinned })).toBe('first');
      expect(await contents(reference, { lock: pinned, locked: true })).toBe('first');
      const { images, used } = await ensure(reference, { lock: pinned, refresh: true, store });
      expect(images.get(reference)?.origin?.digest).toBe(digests.two);
      expect(used.get(reference)?.digest).toBe(digests.two);
      // The store has another image of that name now: the lock still decides.
      expect(await contents(reference, { store, lock: pinned })).toBe('first');
    } finally {
      push('one', 'app:moving');
    }
  });

  test('that the lock does not have fails with --locked, whatever the store has', async () => {
    const [reference, store] = [`${registry.host}/app:moving`, freshStore()];
    await ensure(reference, { store });
    expect(await contents(reference, { store, locked: true })).toMatch(/^failed.*--locked/u);
  });

  test('that is pinned to something else is not used offline', async () => {
    const [reference, store] = [`${proxy.host}/app:moving`, freshStore()];
    await ensure(reference, { store });
    proxy.requests.length = 0;
    const pinned = lock(reference, digests.two);
    expect(await contents(reference, { store, lock: pinned, offline: true })).toMatch(
      /does not have it as sha256:/u,
    );
    expect(proxy.requests).toEqual([]);
  });
});

describe('a registry that fails', () => {
  test('for a moment is asked again', async () => {
    let failures = 1;
    proxy.decide = (line) => (line.includes('/manifests/') && failures-- > 0 ? 503 : 'pass');
    const lines: string[] = [];
    const progress = (line: string): void => void lines.push(line);
    expect(await contents(`${proxy.host}/app:1`, { progress })).toBe('first');
    expect(lines.join()).toContain('trying again in 1 s');
  });

  test('does not have an image: nobody waits', async () => {
    const begin = performance.now();
    expect(await contents(`${proxy.host}/ghost:1`)).toMatch(/^failed.*ghost:1: .*unknown/u);
    expect(performance.now() - begin).toBeLessThan(900);
  });

  test('in the middle leaves no image, and the next pull goes on', async () => {
    const [reference, store] = [`${proxy.host}/app:1`, freshStore()];
    // The config comes last: when it fails, the layers have been had.
    const config = configDigest(digests.one);
    proxy.decide = (line) => (line.endsWith(`/blobs/${config}`) ? 404 : 'pass');
    expect(await contents(reference, { store })).toMatch(/^failed/u);
    expect(blobs(store)).toEqual([]);
    expect(await openImageStore(store).find(reference)).toBeUndefined();

    proxy.decide = () => 'pass';
    proxy.requests.length = 0;
    expect(await contents(reference, { store })).toBe('first');
    const fetched = proxy.requests.filter((line) => /^GET .*\/blobs\//u.test(line));
    expect(fetched).toEqual([expect.stringContaining(config)]);
    expect(readdirSync(join(store, 'partial')).filter((name) => !name.endsWith('.lock'))).toEqual(
      [],
    );
  });

  test('sends other bytes than it promised: nothing gets in', async () => {
    const store = freshStore();
    proxy.decide = (line) => (line.includes('/blobs/') ? 'tamper' : 'pass');
    expect(await contents(`${proxy.host}/app:1`, { store })).toMatch(/^failed.*app:1/u);
    expect(blobs(store)).toEqual([]);
  });

  test('sends another manifest than the digest says: refused', async () => {
    proxy.decide = (line) => (line.includes('/manifests/') ? 'tamper' : 'pass');
    expect(await contents(`${proxy.host}/app@${digests.one}`)).toMatch(/^failed/u);
  });
});

describe('a registry with users', () => {
  let guarded: Registry;
  let reference: string;
  const secret = Buffer.from(CREDENTIALS).toString('base64');

  beforeAll(async () => {
    guarded = await startRegistry({ auth: true });
    reference = `${guarded.host}/app:1`;
    const layout = join(scratch, 'layout');
    skopeoCopy(`oci:${layout}:one`, `docker://${reference}`, `--dest-creds=${CREDENTIALS}`);
  });
  afterAll(() => guarded.stop());

  function home(path: string, text: string): string {
    const file = join(process.env['HOME'] ?? '', path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  test('refuses a stranger', async () => {
    expect(await contents(reference)).toMatch(/^failed.*authentication required/u);
  });

  test('takes the credentials of ~/.docker/config.json', async () => {
    home('.docker/config.json', JSON.stringify({ auths: { [guarded.host]: { auth: secret } } }));
    expect(await contents(reference)).toBe('first');
  });

  test('takes those of a helper', async () => {
    const credentials = JSON.stringify({ Username: 'ahab', Secret: 'whale' });
    const helper = home('bin/docker-credential-pequod', `#!/bin/sh\necho '${credentials}'\n`);
    chmodSync(helper, 0o755);
    process.env['PATH'] = `${join(helper, '..')}:${process.env['PATH'] ?? ''}`;
    const config = { credHelpers: { [guarded.host]: 'pequod' } };
    home('.docker/config.json', JSON.stringify(config));
    expect(await contents(reference)).toBe('first');
  });

  test('takes those of REGISTRY_AUTH_FILE', async () => {
    const auths = { [guarded.host]: { auth: secret } };
    process.env['REGISTRY_AUTH_FILE'] = home('auth.json', JSON.stringify({ auths }));
    expect(await contents(reference)).toBe('first');
  });
});

describe('a registry with TLS', () => {
  let safe: Registry;
  let reference: string;

  beforeAll(async () => {
    safe = await startRegistry({ tls: true });
    reference = `${safe.host}/app:1`;
    skopeoCopy(`oci:${join(scratch, 'layout')}:one`, `docker://${reference}`);
  });
  afterAll(() => safe.stop());

  test('is refused when nobody vouches for it, on this machine as well', async () => {
    expect(await contents(reference)).toMatch(/^failed.*certificate/u);
  });

  test('is used when its certificate is trusted', async () => {
    const folder = join(process.env['HOME'] ?? '', '.config/containers/certs.d', safe.host);
    mkdirSync(folder, { recursive: true });
    const { certificate = '' } = safe;
    writeFileSync(join(folder, 'ca.crt'), readFileSync(certificate));
    expect(await contents(reference)).toBe('first');
  });
});
