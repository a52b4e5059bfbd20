import { describe, expect, test } from 'vitest';
import type { DistroPackage } from '../../../../build/sbom/package.ts';
import { type ImageMaterials, renderSpdx } from '../../../../build/sbom/spdx.ts';
import { image } from '../config/fixtures.ts';

const LIBC: DistroPackage = { type: 'deb', distro: 'debian', name: 'libc6', version: '2.41' };
const STDCXX: DistroPackage = { ...LIBC, name: 'libstdc++6', license: 'GPL', source: 'gcc' };

function digest(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}

const MACHINE = { architecture: 'amd64' } as const;

const IMAGES: readonly ImageMaterials[] = [
  { ...MACHINE, image: { ...image('k'), digest: digest('1') }, location: 'kernel', packages: [] },
  {
    architecture: 'arm64',
    image: {
      ...image('redis:7'),
      digest: digest('2'),
      origin: { source: 'docker.io/library/redis:7', digest: digest('3') },
    },
    location: 'services[0]',
    packages: [STDCXX, LIBC],
  },
  {
    ...MACHINE,
    image: { ...image('other'), digest: digest('4') },
    location: 'services[1]',
    packages: [LIBC],
  },
];

interface Document {
  readonly packages: readonly { SPDXID: string; name: string; [key: string]: unknown }[];
  readonly relationships: readonly {
    spdxElementId: string;
    relationshipType: string;
    relatedSpdxElement: string;
  }[];
  readonly [key: string]: unknown;
}

function render(images = IMAGES): Document {
  return JSON.parse(renderSpdx({ name: 'pequod', images })) as Document;
}

describe('renderSpdx()', () => {
  test('has what SPDX 2.3 asks of a document', () => {
    const document = render();
    expect(document).toMatchObject({
      spdxVersion: 'SPDX-2.3',
      dataLicense: 'CC0-1.0',
      SPDXID: 'SPDXRef-DOCUMENT',
      name: 'pequod',
      creationInfo: { created: '1970-01-01T00:00:00Z', creators: ['Tool: ishmael'] },
    });
    expect(document['documentNamespace']).toMatch(
      /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u,
    );
    for (const element of document.packages) {
      expect(element).toMatchObject({ downloadLocation: 'NOASSERTION', filesAnalyzed: false });
      expect(element.SPDXID).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/u);
    }
  });

  test('relates only what there is, and everything to the machine', () => {
    const { packages, relationships } = render();
    const ids = packages.map(({ SPDXID }) => SPDXID);
    expect(new Set(ids).size).toBe(ids.length);
    const related = relationships.map(({ relatedSpdxElement }) => relatedSpdxElement);
    expect(ids.filter((id) => !related.includes(id))).toEqual([]);
    expect(
      related.concat(relationships.map((r) => r.spdxElementId)).filter((id) => !ids.includes(id)),
    ).toEqual(['SPDXRef-DOCUMENT']);
  });

  test('names the packages of each image, one of two images once', () => {
    const { packages, relationships } = render();
    const libc = packages.filter(({ name }) => name === 'libc6');
    expect(libc).toHaveLength(1);
    const holders = relationships.filter((r) => r.relatedSpdxElement === libc[0]?.SPDXID);
    expect(holders).toHaveLength(2);
    expect(packages.find(({ name }) => name === 'libstdc++6')).toMatchObject({
      versionInfo: '2.41',
      sourceInfo: 'built from the source package gcc',
      externalRefs: [{ referenceLocator: 'pkg:deb/debian/libstdc%2B%2B6@2.41' }],
    });
  });

  test('tells where an image of a registry is', () => {
    expect(render().packages.find(({ name }) => name === 'redis:7')).toMatchObject({
      versionInfo: digest('3'),
      comment: 'For linux/arm64, in the YAML at services[0], from docker.io/library/redis:7',
      externalRefs: [
        {
          referenceLocator: `pkg:oci/redis@sha256%3A${'3'.repeat(64)}?arch=arm64&repository_url=docker.io%2Flibrary%2Fredis&tag=7`,
        },
      ],
    });
  });

  test('has the same text for the same machine, and another namespace for another', () => {
    expect(renderSpdx({ name: 'a', images: IMAGES })).toBe(
      renderSpdx({ name: 'a', images: IMAGES }),
    );
    const other = render(IMAGES.slice(0, 1));
    expect(other['documentNamespace']).not.toBe(render()['documentNamespace']);
  });
});
