/** `verify:` against signatures of the real cosign in a real registry. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { VerifyRule } from '../../build/config/verify-schema.ts';
import { ensureImages, type EnsureImagesOptions } from '../../build/image/ensure-images.ts';
import { openImageStore } from '../../build/image/oci-layout.ts';
import { createSignatureCheck } from '../../build/image/signature/check-signature.ts';
import { cosignProgram, makeKeyPair, sign } from '../support/cosign.ts';
import { type FaultyProxy, type Registry, startProxy, startRegistry } from '../support/registry.ts';
import { skopeoCopy, writeIndex, writeLayout } from '../support/test-images.ts';

let scratch: string;
let registry: Registry;
let proxy: FaultyProxy;
let digests: Readonly<Record<'signed' | 'other' | 'multi', string>>;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ishmael-signatures-'));
  registry = await startRegistry();
  proxy = await startProxy(registry.host);
  const cosign = await cosignProgram();
  const layout = join(scratch, 'layout');
  const platforms = join(scratch, 'platforms');
  for (const architecture of ['amd64', 'arm64']) {
    await writeLayout(platforms, architecture, { architecture, layers: [{ a: architecture }] });
  }
  digests = {
    signed: await writeLayout(layout, 'signed', { layers: [{ a: '1' }] }),
    other: await writeLayout(layout, 'other', { layers: [{ a: '2' }] }),
    multi: writeIndex(platforms, 'multi'),
  };
  const push = (from: string, name: string, ...more: string[]): void =>
    skopeoCopy(`oci:${from}`, `docker://${registry.host}/${name}`, ...more);
  push(`${layout}:signed`, 'signed:1');
  push(`${layout}:other`, 'unsigned:1');
  push(`${platforms}:multi`, 'multi:1', '--all');
  for (const name of ['ahab', 'starbuck']) makeKeyPair(cosign, scratch, name);
  sign(cosign, scratch, 'ahab', `${registry.host}/signed@${digests.signed}`);
  sign(cosign, scratch, 'ahab', `${registry.host}/multi@${digests.multi}`);
  // A good signature of one image, put where that of another is looked for.
  push(`${layout}:other`, 'swapped:1');
  const tag = (digest: string): string => `${digest.replace(':', '-')}.sig`;
  const place = `docker://${registry.host}`;
  skopeoCopy(`${place}/signed:${tag(digests.signed)}`, `${place}/swapped:${tag(digests.other)}`);
  // The same image and its signature in another repository.
  push(`${layout}:signed`, 'copied:1');
  skopeoCopy(`${place}/signed:${tag(digests.signed)}`, `${place}/copied:${tag(digests.signed)}`);
}, 300_000);
afterAll(async () => {
  await proxy.stop();
  await registry.stop();
  rmSync(scratch, { recursive: true });
});
beforeEach(() => {
  proxy.requests.length = 0;
});

let stores = 0;

interface Outcome {
  readonly store: string;
  readonly verifiedBy: string | undefined;
  /** '' for an image that was had. */
  readonly failure: string;
}

async function ensure(
  reference: string,
  rules: readonly Partial<VerifyRule>[],
  options: Partial<Omit<EnsureImagesOptions, 'store'>> & { readonly store?: string } = {},
): Promise<Outcome> {
  stores += 1;
  const directory = options.store ?? join(scratch, `store-${stores}`);
  const whole = rules.map((rule) => ({ images: ['*'], keys: [], ...rule }));
  const { images, errors } = await ensureImages([reference], {
    lock: new Map(),
    locked: false,
    offline: false,
    refresh: false,
    mirrors: [],
    progress: () => undefined,
    signatures: createSignatureCheck(whole, () => undefined),
    ...options,
    store: openImageStore(directory),
  });
  const verifiedBy = images.get(reference)?.origin?.verifiedBy;
  return { store: directory, verifiedBy, failure: errors.get(reference)?.message ?? '' };
}

function key(name: string): string {
  return join(scratch, `${name}.pub`);
}

describe('verify', () => {
  test('takes what is signed with the key, and remembers whose it was', async () => {
    const reference = `${registry.host}/signed:1`;
    const { failure, verifiedBy, store } = await ensure(reference, [{ keys: [key('ahab')] }]);
    expect([failure, verifiedBy]).toEqual(['', expect.stringMatching(/^sha256:[0-9a-f]{64}$/u)]);
    const again = await ensure(reference, [{ keys: [key('ahab')] }], { store, offline: true });
    expect(again.failure).toBe('');
    const other = await ensure(reference, [{ keys: [key('starbuck')] }], { store, offline: true });
    expect(other.failure).toMatch(/signed:1: its signature has not been checked.*--offline/u);
  });

  test('one of several keys is enough', async () => {
    const keys = [key('starbuck'), key('ahab')];
    expect((await ensure(`${registry.host}/signed:1`, [{ keys }])).failure).toBe('');
  });

  test('takes an image for several platforms whose index is signed', async () => {
    const rules = [{ keys: [key('ahab')] }];
    expect((await ensure(`${registry.host}/multi:1`, rules)).failure).toBe('');
  });

  test.each([
    ['unsigned', 'ahab', /unsigned:1: it is not signed, and must be with .*ahab\.pub/u],
    ['signed', 'starbuck', /signed:1: no signature holds for .*starbuck.*it is of another key/u],
    ['swapped', 'ahab', /swapped:1: no signature holds.*it is for sha256:/u],
    ['copied', 'ahab', /copied:1: no signature holds.*it is for .*\/signed/u],
  ])('refuses %s for the key of %s, before any layer is fetched', async (name, who, why) => {
    const reference = `${proxy.host}/${name}:1`;
    const signedAs = name === 'copied' ? {} : { signedAs: `${registry.host}/${name}` };
    const { failure, store } = await ensure(reference, [{ keys: [key(who)], ...signedAs }]);
    expect(failure).toMatch(why);
    expect(await openImageStore(store).find(reference)).toBeUndefined();
    // Payloads of signatures are blobs as well; the image has a config and a layer.
    expect(proxy.requests.filter((line) => line.includes('/blobs/sha256')).length).toBeLessThan(3);
  });

  test('takes a copy when the rule says under which name it was signed', async () => {
    const rule = { keys: [key('ahab')], signedAs: `${registry.host}/signed` };
    expect((await ensure(`${registry.host}/copied:1`, [rule])).failure).toBe('');
  });

  test('looks at an image that the store had before there was a rule', async () => {
    for (const [name, failure] of [
      ['signed', ''],
      ['unsigned', /not signed/u],
    ] as const) {
      const reference = `${registry.host}/${name}:1`;
      const { store } = await ensure(reference, []);
      const checked = await ensure(reference, [{ keys: [key('ahab')] }], { store });
      expect(checked.failure).toMatch(failure);
    }
  });

  test('asks nothing of images that a longer rule accepts', async () => {
    const reference = `${registry.host}/unsigned:1`;
    const all: Partial<VerifyRule> = { images: ['*'], unsigned: 'reject' };
    expect((await ensure(reference, [all])).failure).toMatch(/not to be used/u);
    const accepted = { images: [registry.host], unsigned: 'accept' } as const;
    expect((await ensure(reference, [accepted, all])).failure).toBe('');
  });

  test('refuses files under a rule with a key: they have no signature', async () => {
    const reference = `oci:${join(scratch, 'layout')}:signed`;
    const { failure } = await ensure(reference, [{ keys: [key('ahab')] }]);
    expect(failure).toMatch(/did not come from a registry/u);
  });

  test('names a key file that holds no key', async () => {
    const path = join(scratch, 'queequeg.pub');
    writeFileSync(path, readFileSync(key('ahab'), 'utf8').replaceAll('PUBLIC', 'PRIVATE'));
    await expect(ensure(`${registry.host}/signed:1`, [{ keys: [path] }])).rejects.toThrow(path);
  });
});
