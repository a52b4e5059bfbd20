/**
 * Platforms, and which image of an index is the one for a machine. All are Linux, and written as an
 * architecture in OCI's words, with the variant behind it where it is not the common one: `amd64`, `arm/v7`. Pure.
 */
import type { Descriptor, Platform } from './oci-format.ts';

/** The variants that every machine of an architecture runs; absent means the plain one. */
const COMMON_VARIANT: Readonly<Record<string, string>> = { arm64: 'v8', amd64: 'v1' };

/** As OCI's documents have it. */
export function ociPlatform(wanted: string): Platform {
  const [architecture = '', variant] = wanted.split('/');
  const common = variant === undefined || variant === COMMON_VARIANT[architecture];
  return { os: 'linux', architecture, ...(common ? {} : { variant }) };
}

/** The way back. */
export function platformName({ architecture, variant = '' }: Platform): string {
  return variant === '' || variant === COMMON_VARIANT[architecture]
    ? architecture
    : `${architecture}/${variant}`;
}

/**
 * The image for Linux on this architecture. Without a variant that is the plain one, or the one with the common
 * variant; another only when there is nothing else, for it may use instructions that the machine lacks.
 */
export function choosePlatform(
  manifests: readonly Descriptor[],
  wanted: string,
): Descriptor | undefined {
  const { architecture, variant } = ociPlatform(wanted);
  const name = platformName(ociPlatform(wanted));
  const ours = manifests.filter(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === architecture,
  );
  const exact = ours.find(
    ({ platform }) => platform !== undefined && platformName(platform) === name,
  );
  return exact ?? (variant === undefined ? ours[0] : undefined);
}
