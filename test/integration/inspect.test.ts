/** What the readers of supervisor/inspect make of the kernel that runs the tests. */
import { readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, networkInterfaces, totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import { blockDevices, machineMounts } from '../../supervisor/inspect/disks.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import { machineNetwork, machineRoutes } from '../../supervisor/inspect/network.ts';
import { machineCpu, machineMemory } from '../../supervisor/inspect/machine-facts.ts';

describe('processors and memory', () => {
  it('are those that Node sees', () => {
    expect(machineMemory().totalKiB).toBe(totalmem() / 1024);
    const { cpus, total, forks } = machineCpu(0);
    expect(cpus.length).toBeGreaterThanOrEqual(availableParallelism());
    expect(total.userMs).toBeGreaterThan(0);
    expect(forks).toBeGreaterThan(0);
  });
});

describe('disks', () => {
  it('have a size and a number, and partitions a disk', () => {
    const devices = blockDevices();
    for (const { name, device, sizeBytes, parent } of devices) {
      expect(device, name).toMatch(/^\d+:\d+$/);
      expect(sizeBytes, name).toBeGreaterThan(0);
      if (parent !== undefined) expect(devices.map((each) => each.name)).toContain(parent);
    }
  });

  it('tell the space of a tmpfs or a disk, and never of what could be asked for ever', () => {
    const mounts = machineMounts();
    const measured = mounts.filter(({ space }) => space !== undefined);
    expect(measured.length).toBeGreaterThan(0);
    for (const { target, space } of measured) expect(space?.totalBytes).toBe(totalBytes(target));
    const unasked = mounts.filter(({ fstype }) => fstype === 'proc' || fstype.startsWith('fuse'));
    expect(unasked.flatMap(({ space }) => space ?? [])).toEqual([]);
  });
});

describe('the network', () => {
  it('has the interfaces and addresses that the kernel has elsewhere', () => {
    const network = machineNetwork(createLinuxSys());
    const listed = readFileSync('/proc/net/dev', 'utf8').matchAll(/^ *([^ :]+):/gm);
    const expected = Array.from(listed, ([, name = '']) => name);
    expect(network.map(({ name }) => name).sort()).toEqual(expected.sort());
    const seen = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
      addresses.map(({ cidr }) => `${name} ${cidr}`),
    );
    const ours = network
      .filter(({ carrier }) => carrier)
      .flatMap(({ name, addresses }) => addresses.map((cidr) => `${name} ${cidr}`));
    expect(ours.toSorted()).toEqual(seen.toSorted());
  });

  it('has the routes of /proc/net/route', () => {
    const ways = machineRoutes(createLinuxSys())
      .filter(({ family, table }) => family === 'ipv4' && table === 254)
      .map((route) => route.interface ?? '')
      .sort();
    const listed = readFileSync('/proc/net/route', 'utf8').trim().split('\n').slice(1);
    expect(ways).toEqual(listed.map((line) => line.split('\t')[0] ?? '').sort());
  });
});

function totalBytes(path: string): number {
  const { blocks, bsize } = statfsSync(path);
  return blocks * bsize;
}
