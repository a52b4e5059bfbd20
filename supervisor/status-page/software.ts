/** The image's bill of materials (SPDX 2.3, as build/sbom writes it) as lists of packages. Pure. */

export interface SoftwareImage {
  readonly name: string;
  readonly digest: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

interface Element {
  readonly SPDXID?: unknown;
  readonly name?: unknown;
  readonly versionInfo?: unknown;
  readonly primaryPackagePurpose?: unknown;
}

interface Relationship {
  readonly spdxElementId?: unknown;
  readonly relationshipType?: unknown;
  readonly relatedSpdxElement?: unknown;
}

/** Throws a SyntaxError for what is not JSON; what it does not know it passes over. */
export function readSoftware(text: string): SoftwareImage[] {
  const document = JSON.parse(text) as {
    readonly packages?: readonly Element[];
    readonly relationships?: readonly Relationship[];
  };
  const elements = document.packages ?? [];
  const byId = new Map(elements.map((element) => [element.SPDXID, element]));
  const inside = new Map<unknown, Element[]>();
  for (const { spdxElementId, relationshipType, relatedSpdxElement } of document.relationships ??
    []) {
    const element = byId.get(relatedSpdxElement);
    if (relationshipType !== 'CONTAINS' || element === undefined) continue;
    inside.set(spdxElementId, [...(inside.get(spdxElementId) ?? []), element]);
  }
  return elements
    .filter(({ primaryPackagePurpose }) => primaryPackagePurpose === 'CONTAINER')
    .map((image) => ({
      name: words(image.name),
      digest: words(image.versionInfo),
      packages: (inside.get(image.SPDXID) ?? []).map(({ name, versionInfo }) => ({
        name: words(name),
        version: words(versionInfo),
      })),
    }));
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
