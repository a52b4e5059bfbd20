/** Where cosign keeps signatures: beside the image, in an image with the tag `sha256-DIGEST.sig`. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ImageSourceError } from '../image-source-error.ts';
import type { RegistryReference } from '../reference.ts';
import { copyFromRegistry, type Transfer } from '../skopeo.ts';
import type { Signature } from './simple-signing.ts';

const SIGNATURE = 'dev.cosignproject.cosign/signature';

const manifestSchema = z.object({
  layers: z.array(
    z.object({
      digest: z.string().regex(/^sha256:[0-9a-f]{64}$/u),
      size: z.number().max(1024 * 1024),
      annotations: z.record(z.string(), z.string()).optional(),
    }),
  ),
});

/** None when there are none. Rejects with `ImageSourceError` when that cannot be found out. */
export async function fetchSignatures(
  { registry, repository }: RegistryReference,
  digest: string,
  architecture: string,
  transfer: Transfer,
): Promise<readonly Signature[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'ishmael-signatures-'));
  try {
    // skopeo's folder form keeps the manifest as it is; a layout would make an image of it.
    const at = { registry, repository, tag: `${digest.replace(':', '-')}.sig` };
    await copyFromRegistry(at, `dir:${scratch}`, architecture, transfer);
    return await readSignatures(scratch);
  } catch (error) {
    if (error instanceof ImageSourceError && error.code === 'not-found') return [];
    throw error;
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function readSignatures(directory: string): Promise<readonly Signature[]> {
  const text = await readFile(join(directory, 'manifest.json'), 'utf8');
  const { data } = manifestSchema.safeParse(JSON.parse(text));
  const signatures: Signature[] = [];
  for (const { digest, annotations } of data?.layers ?? []) {
    const signature = annotations?.[SIGNATURE];
    const hex = digest.slice('sha256:'.length);
    const payload = await readFile(join(directory, hex));
    if (createHash('sha256').update(payload).digest('hex') !== hex) continue;
    if (signature === undefined) continue;
    signatures.push({ payload, signature: Buffer.from(signature, 'base64') });
  }
  return signatures;
}
