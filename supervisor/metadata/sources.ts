/** The places that may have something to tell a machine, and the order in which they are asked. */
import { readFileSync } from 'node:fs';
import { errorMessage } from '../../sys/errno.ts';
import type { Ask } from './cloud-client.ts';
import { aws } from './clouds/aws.ts';
import { azure } from './clouds/azure.ts';
import type { Cloud } from './clouds/cloud.ts';
import { digitalocean } from './clouds/digitalocean.ts';
import { gcp } from './clouds/gcp.ts';
import { hetzner } from './clouds/hetzner.ts';
import { openstack } from './clouds/openstack.ts';
import { type Metadata, MetadataError } from './metadata.ts';

const CLOUDS: Readonly<Record<string, Cloud>> = {
  aws,
  gcp,
  azure,
  openstack,
  digitalocean,
  hetzner,
};

const DISKS = 'cdrom';
const FILE = 'file=';

/** What the caller has to say about the machine. */
export interface Surroundings {
  readonly ask: Ask;
  readonly readDisks: () => Metadata | undefined;
  /** The cloud that the firmware names. */
  readonly cloud: string | undefined;
  readonly tell: (text: string) => void;
}

/** `undefined` for a good name. */
export function wrongSource(name: string): string | undefined {
  if (name === DISKS || name.startsWith(FILE) || Object.hasOwn(CLOUDS, name)) return undefined;
  return `There is no source "${name}"; there are ${[DISKS, ...Object.keys(CLOUDS)].join(', ')} and file=PATH.`;
}

/**
 * Asks one source after another until one has something. Without names: the disks, then the cloud that the firmware
 * names. `undefined` when there is no source at all; rejects with `MetadataError` when those there are have failed.
 */
export async function readSources(
  names: readonly string[],
  surroundings: Surroundings,
): Promise<Metadata | undefined> {
  const { cloud, tell } = surroundings;
  const usual = cloud === undefined ? [DISKS] : [DISKS, cloud];
  const problems: string[] = [];
  for (const name of names.length === 0 ? usual : names) {
    try {
      const found = await readSource(name, surroundings);
      if (found !== undefined) return found;
      if (names.length > 0) problems.push(`${name}: nothing there`);
    } catch (error) {
      if (!(error instanceof MetadataError)) throw error;
      tell(`${name}: ${error.message}`);
      problems.push(`${name}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw new MetadataError(`nothing to be had (${problems.join('; ')})`);
  return undefined;
}

async function readSource(
  name: string,
  { ask, readDisks }: Surroundings,
): Promise<Metadata | undefined> {
  if (name === DISKS) return readDisks();
  if (name.startsWith(FILE)) return readFile(name.slice(FILE.length));
  return await CLOUDS[name]?.(ask);
}

function readFile(path: string): Metadata {
  try {
    const userdata = readFileSync(path);
    return { provider: `file ${path}`, authorizedKeys: [], facts: {}, userdata };
  } catch (error) {
    throw new MetadataError(errorMessage(error), { cause: error });
  }
}
