/** The bill of materials of what `ishmael build` is about to write. */
import { componentPackages } from '../component/ensure-components.ts';
import type { Image } from '../image/image-store.ts';
import { openImageStore, type WritableImageStore } from '../image/oci-layout.ts';
import type { MachineParts } from '../output/machine-trees.ts';
import { imagePackages } from '../sbom/image-packages.ts';
import type { DistroPackage } from '../sbom/package.ts';
import { type ImageMaterials, renderSpdx } from '../sbom/spdx.ts';

/** Where the bill goes: beside the output and into the root, beside it only, or nowhere. */
export const SBOM_PLACES = ['both', 'beside', 'none'] as const;

export type SbomPlace = (typeof SBOM_PLACES)[number];

/** Its name in the root, as LinuxKit has it. */
export const SBOM_PATH = 'sbom.spdx.json';

export async function machineSbom(
  name: string,
  {
    kernel,
    init,
    containers,
    volumes,
  }: Pick<MachineParts, 'kernel' | 'init' | 'containers' | 'volumes'>,
  store: WritableImageStore,
): Promise<string> {
  const { architecture } = store;
  const own = (image: Image, location: string): Material => ({ image, location, architecture });
  const named: readonly Material[] = [
    own(kernel, 'kernel'),
    ...init.map((image, index) => own(image, `init[${index}]`)),
    ...containers.map(({ image, location }) => own(image, location)),
    ...volumes.flatMap(({ image, platforms = [] }, index) => {
      const location = `volumes[${index}]`;
      const others = platforms.map((platform) => ({ ...platform, location }));
      return image === undefined ? others : [own(image, location), ...others];
    }),
  ];
  const images: ImageMaterials[] = [];
  for (const { image, location, architecture: of } of named) {
    const from = openImageStore(store.directory, of);
    images.push({ image, location, architecture: of, packages: await packagesOf(from, image) });
  }
  return renderSpdx({ name, images });
}

interface Material {
  readonly image: Image;
  /** In the YAML. */
  readonly location: string;
  readonly architecture: string;
}

/** A component has no database of packages any more; its recipe's closure says what went in. */
async function packagesOf(
  store: WritableImageStore,
  image: Image,
): Promise<readonly DistroPackage[]> {
  const unpacked = await componentPackages(store, image.reference);
  if (unpacked.length === 0) return imagePackages(store, image);
  return unpacked.map((entry) => {
    const equals = entry.indexOf('=');
    const [name, version] = [entry.slice(0, equals), entry.slice(equals + 1)];
    return { type: 'deb', distro: 'debian', name, version };
  });
}
