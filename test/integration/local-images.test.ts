/** Images from files, engines and Dockerfiles of this machine, through the real skopeo and buildah. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type EnsuredImages,
  ensureImages,
  type EnsureImagesOptions,
} from '../../build/image/ensure-images.ts';
import { openImageStore } from '../../build/image/oci-layout.ts';
import { readFileData } from '../../build/rootfs/file-data.ts';
import { skopeoCopy, writeLayout } from '../support/test-images.ts';

const SAVED = { ...process.env };

let scratch: string;
let layout: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ishmael-local-images-'));
  layout = join(scratch, 'layout');
  await writeLayout(layout, 'one', { layers: [{ 'bin/app': 'first' }] });
  await writeLayout(layout, 'two', { layers: [{ 'bin/app': 'second' }] });
  // A store of Buildah's own, which needs neither root's folders nor mounts.
  process.env['STORAGE_DRIVER'] = 'vfs';
  process.env['BUILDAH_ISOLATION'] = 'chroot';
  process.env['CONTAINERS_STORAGE_CONF'] = join(scratch, 'storage.conf');
  const [run, graph] = [join(scratch, 'run'), join(scratch, 'graph')];
  const settings = `driver = "vfs"\nrunroot = "${run}"\ngraphroot = "${graph}"\n`;
  writeFileSync(join(scratch, 'storage.conf'), `[storage]\n${settings}`);
});
afterEach(() => {
  process.env['PATH'] = SAVED['PATH'];
});
afterAll(() => {
  for (const name of ['STORAGE_DRIVER', 'BUILDAH_ISOLATION', 'CONTAINERS_STORAGE_CONF']) {
    delete process.env[name];
  }
  rmSync(scratch, { recursive: true });
});

interface Outcome extends EnsuredImages {
  readonly store: string;
  /** What was being done. */
  readonly lines: readonly string[];
  /** The contents of bin/app, or why there is no image. */
  readonly app: string;
}

let stores = 0;

async function ensure(
  reference: string,
  options: Partial<Omit<EnsureImagesOptions, 'store'>> & { readonly store?: string } = {},
): Promise<Outcome> {
  stores += 1;
  const directory = options.store ?? join(scratch, `store-${stores}`);
  const store = openImageStore(directory);
  const lines: string[] = [];
  const ensured = await ensureImages([reference], {
    lock: new Map(),
    locked: false,
    offline: false,
    refresh: false,
    mirrors: [],
    progress: (line) => lines.push(line),
    ...options,
    store,
  });
  const image = ensured.images.get(reference);
  const node = image && (await store.tree(image)).get('bin/app');
  const text = node?.type === 'file' ? Buffer.from(await readFileData(node.data)).toString() : '';
  const app =
    image === undefined ? `failed: ${ensured.errors.get(reference)?.message}` : text.trim();
  return { ...ensured, store: directory, lines, app };
}

describe('an image of a file', () => {
  const archive = (kind: string): string => join(scratch, `${kind}.tar`);

  beforeAll(() => {
    skopeoCopy(`oci:${layout}:one`, `oci-archive:${archive('oci')}:app`);
    // Docker's own form knows no zstd, which our layers have.
    const gzip = join(scratch, 'gzip');
    skopeoCopy(`oci:${layout}:one`, `oci:${gzip}:one`, '--dest-compress-format=gzip');
    skopeoCopy(`oci:${gzip}:one`, `docker-archive:${archive('docker')}:app:1`);
  });

  test.each([
    ['an OCI layout', () => `oci:${layout}:one`, 'first'],
    ['another image of it', () => `oci:${layout}:two`, 'second'],
    ['an archive of one', () => `oci-archive:${archive('oci')}`, 'first'],
    ['an archive of Docker', () => `docker-archive:${archive('docker')}`, 'first'],
    ['an archive of Docker by name', () => `docker-archive:${archive('docker')}:app:1`, 'first'],
  ])('comes from %s, once, without the network', async (_, reference, contents) => {
    const { app, store, lines } = await ensure(reference(), { offline: true });
    expect([app, lines]).toEqual([contents, [`importing ${reference()}`]]);
    const again = await ensure(reference(), { store, offline: true });
    expect([again.app, again.lines]).toEqual([contents, []]);
  });

  test('is imported again when the file has changed; the lock notices', async () => {
    const copy = join(scratch, 'changing');
    await writeLayout(copy, 'one', { layers: [{ 'bin/app': 'old' }] });
    const reference = `oci:${copy}:one`;
    const { app, store, used } = await ensure(reference);
    expect(app).toBe('old');
    rmSync(copy, { recursive: true });
    await writeLayout(copy, 'one', { layers: [{ 'bin/app': 'new' }] });
    expect((await ensure(reference, { store, lock: used, locked: true })).app).toMatch(
      /^failed.*is sha256:[0-9a-f]+ now, and ishmael\.lock has sha256:/u,
    );
    expect((await ensure(reference, { store, lock: used })).app).toBe('new');
  });

  test.each([
    ['no such folder', () => `oci:${scratch}/nowhere:x`],
    ['no such file', () => `docker-archive:${scratch}/nowhere.tar`],
    ['no such image in it', () => `oci:${layout}:three`],
    ['no archive at all', () => `docker-archive:${join(layout, 'index.json')}`],
  ])('of %s is refused by name', async (_, reference) => {
    const { app, store } = await ensure(reference());
    expect(app).toContain(`failed: Cannot get ${reference()}: `);
    expect(existsSync(join(store, 'index.json'))).toBe(false);
  });

  test('with a layer of other contents is refused, and nothing of it stays', async () => {
    const broken = join(scratch, 'broken');
    const digest = await writeLayout(broken, 'one', { layers: [{ 'bin/app': 'true' }] });
    const blob = (name: string): string => join(broken, 'blobs', name.replace(':', '/'));
    const manifest = JSON.parse(readFileSync(blob(digest), 'utf8')) as {
      layers: { digest: string }[];
    };
    const layer = blob(manifest.layers[0]?.digest ?? '');
    writeFileSync(layer, readFileSync(layer).fill(1, 20, 21));
    const { app, store } = await ensure(`oci:${broken}:one`);
    expect(app).toMatch(/^failed.*oci:.*broken/u);
    expect(existsSync(join(store, 'blobs/sha256'))).toBe(false);
  });

  test('made by umoci is understood', async () => {
    const folder = join(scratch, 'umoci');
    const umoci = (...args: string[]): void => {
      execFileSync('umoci', args, { stdio: 'pipe' });
    };
    umoci('init', '--layout', folder);
    umoci('new', '--image', `${folder}:app`);
    umoci('unpack', '--rootless', '--image', `${folder}:app`, join(scratch, 'bundle'));
    mkdirSync(join(scratch, 'bundle/rootfs/bin'));
    writeFileSync(join(scratch, 'bundle/rootfs/bin/app'), 'umoci');
    umoci('repack', '--image', `${folder}:app`, join(scratch, 'bundle'));
    umoci('config', '--image', `${folder}:app`, '--config.user=7:8', '--config.cmd=/bin/app');
    const { app, images } = await ensure(`oci:${folder}:app`);
    expect(app).toBe('umoci');
    expect([...images.values()]).toMatchObject([{ config: { user: '7:8', cmd: ['/bin/app'] } }]);
  });
});

describe('an image of an engine', () => {
  test("comes from Podman's and Buildah's store, and again only with --pull", async () => {
    const name = 'localhost/pequod:1';
    const storage = `containers-storage:${name}`;
    skopeoCopy(`oci:${layout}:one`, storage);
    const { app, store } = await ensure(storage);
    expect(app).toBe('first');
    skopeoCopy(`oci:${layout}:two`, storage);
    expect((await ensure(storage, { store })).app).toBe('first');
    expect((await ensure(storage, { store, refresh: true })).app).toBe('second');
  });

  test('that is not running is a failure with its name', async () => {
    process.env['DOCKER_HOST'] = `unix://${scratch}/no-docker.sock`;
    try {
      const { app } = await ensure('docker-daemon:redis:7');
      expect(app).toMatch(/^failed: Cannot get docker-daemon:redis:7: .*no-docker\.sock/u);
    } finally {
      delete process.env['DOCKER_HOST'];
    }
  });
});

describe('an image of a Dockerfile', () => {
  let context: string;
  beforeAll(() => {
    context = join(scratch, 'context');
    mkdirSync(context);
    writeFileSync(join(context, 'app'), 'built');
    const lines = ['FROM scratch AS first', 'ARG VERSION', 'COPY app /bin/app'];
    const end = ['LABEL version=$VERSION', 'HEALTHCHECK --interval=5s CMD ["/bin/app"]'];
    writeFileSync(join(context, 'Dockerfile'), [...lines, ...end, 'CMD ["/bin/app"]\n'].join('\n'));
    writeFileSync(join(context, 'Other'), 'FROM scratch\nCOPY Other /bin/app\n');
  });

  test('is built once, and again when a file has changed', async () => {
    const reference = `build:${context}?arg=VERSION%3D7`;
    const first = await ensure(reference);
    expect(first.app).toBe('built');
    expect([...first.images.values()][0]?.config).toMatchObject({
      cmd: ['/bin/app'],
      labels: { version: '7' },
    });
    const { store, used } = first;
    expect((await ensure(reference, { store, offline: true })).lines).toEqual([]);
    // The same files are the same image: another machine can hold its build to the lock.
    expect((await ensure(reference, { lock: used, locked: true })).app).toBe('built');
    writeFileSync(join(context, 'app'), 'changed');
    expect((await ensure(reference, { store, offline: true })).app).toMatch(/^failed.*--offline/u);
    expect((await ensure(reference, { store })).app).toBe('changed');
  });

  test('may have another name', async () => {
    expect((await ensure(`build:${context}?file=Other`)).app).toContain('COPY Other');
  });

  test('that does not build says why', async () => {
    writeFileSync(join(context, 'Bad'), 'FROM scratch\nCOPY ghost /\n');
    const { app, store } = await ensure(`build:${context}?file=Bad`);
    expect(app).toMatch(/^failed[^]*ghost/u);
    expect(existsSync(join(store, 'index.json'))).toBe(false);
  });

  test('in no folder is refused by name', async () => {
    expect((await ensure(`build:${scratch}/nowhere`)).app).toContain(
      `no folder ${scratch}/nowhere`,
    );
  });
});
