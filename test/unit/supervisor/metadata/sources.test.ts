import { describe, expect, it } from 'vitest';
import { type Metadata, MetadataError } from '../../../../supervisor/metadata/metadata.ts';
import {
  readSources,
  type Surroundings,
  wrongSource,
} from '../../../../supervisor/metadata/sources.ts';
import { whichCloud } from '../../../../supervisor/metadata/which-cloud.ts';

const DISK: Metadata = { provider: 'CDROM /dev/sr0', authorizedKeys: [], facts: {} };

function surroundings(more: Partial<Surroundings> = {}) {
  const told: string[] = [];
  const asked: string[] = [];
  return {
    told,
    asked,
    value: {
      ask: ({ path }) => {
        asked.push(path);
        return Promise.reject(new MetadataError(`${path}: connect ENETUNREACH`));
      },
      readDisks: () => undefined,
      cloud: undefined,
      tell: (text) => void told.push(text),
      ...more,
    } satisfies Surroundings,
  };
}

describe('readSources()', () => {
  it('takes the disk first, and asks nobody then', async () => {
    const { value, asked } = surroundings({ readDisks: () => DISK, cloud: 'hetzner' });
    expect(await readSources([], value)).toBe(DISK);
    expect(asked).toEqual([]);
  });

  it('has nothing where there is neither a disk nor a cloud', async () => {
    const { value, asked } = surroundings();
    expect(await readSources([], value)).toBe(undefined);
    expect(asked).toEqual([]);
  });

  it('fails where the cloud is known and does not answer', async () => {
    const { value, told } = surroundings({ cloud: 'hetzner' });
    await expect(readSources([], value)).rejects.toThrow('ENETUNREACH');
    expect(told).toHaveLength(1);
  });

  it('goes on to the next of those it is told', async () => {
    const { value, told } = surroundings({ readDisks: () => DISK, cloud: 'aws' });
    expect(await readSources(['openstack', 'cdrom'], value)).toBe(DISK);
    expect(told).toEqual([expect.stringContaining('openstack: ')]);
  });

  it('fails where none of those it is told has anything, with the reason of each', async () => {
    const { value } = surroundings();
    await expect(readSources(['cdrom', 'file=/nowhere', 'gcp'], value)).rejects.toThrow(
      /nothing to be had \(cdrom: nothing there; file=\/nowhere: .*ENOENT.*; gcp: .*ENETUNREACH\)/,
    );
  });
});

it('wrongSource() names those that there are', () => {
  for (const name of ['cdrom', 'aws', 'azure', 'file=/etc/userdata']) {
    expect(wrongSource(name)).toBe(undefined);
  }
  expect(wrongSource('vultr')).toMatch(/no source "vultr"; there are cdrom, aws, .*file=PATH/);
  expect(wrongSource('toString')).toContain('no source');
});

it.each([
  [{ sys_vendor: 'Amazon EC2' }, 'aws'],
  [{ sys_vendor: 'Xen', xen_uuid: 'EC2e1916-9099-7caf-fd21-012345abcdef' }, 'aws'],
  [{ sys_vendor: 'Google', product_name: 'Google Compute Engine' }, 'gcp'],
  [
    {
      sys_vendor: 'Microsoft Corporation',
      chassis_asset_tag: '7783-7084-3265-9085-8269-3286-77',
    },
    'azure',
  ],
  [{ sys_vendor: 'Microsoft Corporation', product_name: 'Virtual Machine' }, undefined],
  [{ sys_vendor: 'OpenStack Foundation', product_name: 'OpenStack Nova' }, 'openstack'],
  [{ sys_vendor: 'DigitalOcean', product_name: 'Droplet' }, 'digitalocean'],
  [{ sys_vendor: 'Hetzner', product_name: 'vServer' }, 'hetzner'],
  [{ sys_vendor: 'QEMU' }, undefined],
  [{}, undefined],
])('whichCloud(%j) is %s', (names, cloud) => {
  expect(whichCloud(names)).toBe(cloud);
});
