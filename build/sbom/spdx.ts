/**
 * The bill of materials of a machine as SPDX 2.3 (JSON): which images, and which packages in each. Pure
 * but for hashing; the same machine is the same text, so it carries no date of its making.
 */
import { createHash } from 'node:crypto';
import type { Image } from '../image/image-store.ts';
import { parseReference } from '../image/reference.ts';
import { type DistroPackage, packageUrl } from './package.ts';

export interface MachineMaterials {
  /** `ishmael build --name`. */
  readonly name: string;
  readonly images: readonly ImageMaterials[];
}

export interface ImageMaterials {
  readonly image: Image;
  /** Where the YAML names it: `kernel`, `init[0]`, `services[1]`. */
  readonly location: string;
  /** In OCI's words, with the variant where it is not the common one. */
  readonly architecture: string;
  readonly packages: readonly DistroPackage[];
}

/** SPDX wants a time; that of the build would make two builds of the same machine differ. */
const CREATED = '1970-01-01T00:00:00Z';
const CREATOR = 'Tool: ishmael';

const MACHINE = 'SPDXRef-Machine';

export function renderSpdx({ name, images }: MachineMaterials): string {
  const packages = new Map<string, object>();
  const relationships: object[] = [relationship('SPDXRef-DOCUMENT', 'DESCRIBES', MACHINE)];
  for (const material of images) {
    const { image, packages: inside } = material;
    const id = `SPDXRef-Image-${image.digest.slice('sha256:'.length).slice(0, 16)}`;
    if (packages.has(id)) continue;
    packages.set(id, imageElement(id, material));
    relationships.push(relationship(MACHINE, 'CONTAINS', id));
    for (const element of inside.toSorted(byUrl)) {
      const elementId = packageId(element);
      packages.set(elementId, packageElement(elementId, element));
      relationships.push(relationship(id, 'CONTAINS', elementId));
    }
  }
  const machine = {
    ...common(MACHINE, name),
    primaryPackagePurpose: 'OPERATING-SYSTEM',
  };
  const contents = { packages: [machine, ...packages.values()], relationships };
  const document = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: namespace(JSON.stringify([name, contents])),
    creationInfo: { created: CREATED, creators: [CREATOR] },
    ...contents,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

/** Unique to the contents, as SPDX wants it, and no address of anybody. */
function namespace(contents: string): string {
  const hex = createHash('sha256').update(contents).digest('hex');
  // The form of a UUID of version 8: bits of our own choice.
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ];
  return `urn:uuid:${parts.join('-')}-${hex.slice(20, 32)}`;
}

function relationship(from: string, type: string, to: string): object {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to };
}

function common(id: string, name: string): object {
  return {
    SPDXID: id,
    name,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'NOASSERTION',
    copyrightText: 'NOASSERTION',
  };
}

function imageElement(id: string, { image, location, architecture }: ImageMaterials): object {
  const digest = image.origin?.digest ?? image.digest;
  const from = image.origin === undefined ? '' : `, from ${image.origin.source}`;
  return {
    ...common(id, image.reference),
    versionInfo: digest,
    comment: `For linux/${architecture}, in the YAML at ${location}${from}`,
    primaryPackagePurpose: 'CONTAINER',
    checksums: [{ algorithm: 'SHA256', checksumValue: digest.slice('sha256:'.length) }],
    ...imageUrl(image, digest, architecture),
  };
}

/** Only an image of a registry has an address that others can use. */
function imageUrl({ origin }: Image, digest: string, architecture: string): object {
  const reference = origin === undefined ? undefined : parseReference(origin.source);
  if (reference === undefined) return {};
  const { registry, repository, tag } = reference;
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  const query = new URLSearchParams({
    arch: architecture,
    repository_url: `${registry}/${repository}`,
  });
  if (tag !== undefined) query.set('tag', tag);
  return externalUrl(`pkg:oci/${name}@${encodeURIComponent(digest)}?${query.toString()}`);
}

function packageElement(id: string, element: DistroPackage): object {
  const { source, license, version } = element;
  return {
    ...common(id, element.name),
    versionInfo: version,
    ...(source === undefined ? {} : { sourceInfo: `built from the source package ${source}` }),
    ...(license === undefined ? {} : { licenseComments: `The package says: ${license}` }),
    ...externalUrl(packageUrl(element)),
  };
}

function externalUrl(url: string): object {
  const purl = { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl' };
  return { externalRefs: [{ ...purl, referenceLocator: url }] };
}

/** Letters, digits, `.` and `-` are all that an id may have. */
function packageId(element: DistroPackage): string {
  const hash = createHash('sha256').update(packageUrl(element)).digest('hex').slice(0, 12);
  return `SPDXRef-Package-${element.name.replaceAll(/[^A-Za-z0-9.-]/gu, '-')}-${hash}`;
}

function byUrl(a: DistroPackage, b: DistroPackage): number {
  return packageUrl(a) < packageUrl(b) ? -1 : 1;
}
