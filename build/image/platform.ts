/** Which image of an index is the one for a machine. Pure. */
import type { Descriptor } from './oci-format.ts';

/** The variants that every machine of an architecture runs; absent means the plain one. */
const COMMON_VARIANT: Readonly<Record<string, string>> = { arm64: 'v8', amd64: 'v1' };

/**
 * The image for Linux on this architecture: the one without a variant, or with the common one; another
 * variant only when there is nothing else, for it may use instructions that the machine lacks.
 */
export function choosePlatform(
  manifests: readonly Descriptor[],
  architecture: string,
): Descriptor | undefined {
  const ours = manifests.filter(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
  );
  const plain = ours.find(({ platform }) => {
    const variant = platform?.variant ?? '';
    return variant === '' || variant === COMMON_VARIANT[architecture];
  });
  return plain ?? ours[0];
}
