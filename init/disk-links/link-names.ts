/** What a disk or partition is called in /dev/disk, by the names that udev gives. Pure. */
import type { Superblock } from './superblock.ts';

export interface DiskFacts {
  /** Its node below /dev: `vda1`. */
  readonly node: string;
  /** Of a partition. */
  readonly partition?: number;
  /** Its place in /sys/devices; of a partition, that of the disk. */
  readonly sysPath: string;
  /** What the disk says of itself, as sysfs(5) has it. */
  readonly serial?: string;
  readonly model?: string;
  readonly wwid?: string;
  readonly superblock?: Superblock;
}

/** Names below /dev/disk: `by-label/data`. */
export function linkNames(disk: DiskFacts): string[] {
  const { superblock, partition } = disk;
  const part = partition === undefined ? '' : `-part${partition}`;
  const path = pathName(disk.sysPath);
  return [
    ...(superblock?.label === undefined ? [] : [`by-label/${escaped(superblock.label)}`]),
    ...(superblock?.uuid === undefined ? [] : [`by-uuid/${escaped(superblock.uuid)}`]),
    ...(path === undefined ? [] : [`by-path/${path}${part}`]),
    ...ids(disk).map((id) => `by-id/${escaped(id)}${part}`),
  ];
}

/** Links and what they lead to. Where two disks have one name, the first has it: disks do not change their names by coming later. */
export function planLinks(disks: readonly DiskFacts[]): Map<string, string> {
  const links = new Map<string, string>();
  for (const disk of disks) {
    for (const name of linkNames(disk)) {
      if (!links.has(name)) links.set(name, `../../${disk.node}`);
    }
  }
  return links;
}

function ids({ node, serial, model, wwid }: DiskFacts): string[] {
  const name = [model, serial].filter((word) => word !== undefined && word !== '').join('_');
  if (node.startsWith('vd'))
    return serial === undefined || serial === '' ? [] : [`virtio-${serial}`];
  if (node.startsWith('nvme')) {
    return [...(name === '' ? [] : [`nvme-${name}`]), ...(wwid ? [`nvme-${wwid}`] : [])];
  }
  if (node.startsWith('mmcblk')) return name === '' ? [] : [`mmc-${name}`];
  if (wwid === undefined || wwid === '') return [];
  const [kind = '', rest = ''] = wwid.split(/\.(.*)/su);
  if (kind === 'naa' || kind === 'eui') return [`wwn-0x${rest}`];
  return [rest.startsWith('ATA ') ? `ata-${rest.slice(4).trim()}` : `scsi-${rest}`];
}

/** The last PCI device on the way, or the platform's, and what is behind it. */
function pathName(sysPath: string): string | undefined {
  const parts = sysPath.split('/');
  const pci = parts.filter((part) => /^[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/u.test(part));
  const platform = parts[parts.indexOf('platform') + 1];
  const last = pci.at(-1);
  const base =
    last === undefined
      ? parts.includes('platform') && platform !== undefined && `platform-${platform}`
      : `pci-${last}`;
  if (base === false) return undefined;
  const find = (pattern: RegExp): string | undefined =>
    parts.map((part) => pattern.exec(part)?.[1]).findLast((found) => found !== undefined);
  const usb = find(/^\d+-([\d.]+:\d+\.\d+)$/u);
  const ata = find(/^ata(\d+)$/u);
  const nvme = find(/^nvme\d+(?:c\d+)?n(\d+)$/u);
  const scsi = find(/^\d+:(\d+:\d+:\d+)$/u);
  return [
    base,
    ...(usb === undefined ? [] : [`usb-0:${usb}`]),
    ...(ata === undefined ? [] : [`ata-${ata}`]),
    ...(nvme === undefined ? [] : [`nvme-${nvme}`]),
    ...(scsi === undefined || ata !== undefined ? [] : [`scsi-0:${scsi}`]),
  ].join('-');
}

/** As udev: spaces become one underscore, and what could mean something to a shell or a path is in hexadecimal. */
function escaped(text: string): string {
  const joined = text.trim().replace(/\s+/gu, '_');
  return joined.replace(/[^\w#+\-.:=@\u0080-\u{10ffff}]/gu, (character) =>
    Array.from(Buffer.from(character), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(
      '',
    ),
  );
}
