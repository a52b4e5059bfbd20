/**
 * A disk for one machine (cloud-init's NoCloud): a FAT or ISO 9660 file system with the label `cidata`, with
 * `user-data` and `meta-data` in its root folder.
 */
import { type Metadata, MAX_BYTES, MetadataError } from './metadata.ts';
import { parseMetaData } from './meta-data.ts';
import type { SmallVolume } from './small-volume.ts';

export function isForMachines({ label }: SmallVolume): boolean {
  return label.toLowerCase() === 'cidata';
}

/** Throws `MetadataError` where there is no user data, and for files that are too large or damaged. */
export function readNoCloud(device: string, volume: SmallVolume): Metadata {
  // LinuxKit wrote `config`.
  const userdata = read(volume, 'user-data') ?? read(volume, 'config');
  if (userdata === undefined) {
    throw new MetadataError(`${device} has neither a file user-data nor config`);
  }
  const said = parseMetaData(read(volume, 'meta-data')?.toString() ?? '');
  return {
    provider: `CDROM ${device}`,
    hostname: said.values.get('local-hostname') ?? said.values.get('hostname'),
    authorizedKeys: said.lists.get('public-keys') ?? [],
    facts: { instance_id: said.values.get('instance-id') },
    userdata,
  };
}

/** Without Joliet and Rock Ridge there is no hyphen, and where names have eight letters at most the rest is missing. */
function spellings(name: string): readonly string[] {
  const underscored = name.replace('-', '_');
  return [name, underscored, underscored.slice(0, 8)];
}

function read({ files }: SmallVolume, name: string): Buffer | undefined {
  const file = spellings(name)
    .map((spelling) => files.get(spelling))
    .find((each) => each !== undefined);
  if (file === undefined) return undefined;
  if (file.bytes > MAX_BYTES) throw new MetadataError(`${name} has more than ${MAX_BYTES} bytes`);
  return file.read();
}
