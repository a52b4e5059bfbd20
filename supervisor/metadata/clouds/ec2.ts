/** The tree of EC2's metadata, which others have as well. */
import type { Ask } from '../cloud-client.ts';
import { linesOf, textOf } from './cloud.ts';

export interface Ec2 {
  readonly hostname: string | undefined;
  readonly authorizedKeys: readonly string[];
  readonly facts: Readonly<Record<string, string | undefined>>;
}

const ROOT = '/latest/meta-data';

/** Names of files (as LinuxKit has them) and where what is in them comes from. */
const FACTS: Readonly<Record<string, string>> = {
  public_ipv4: 'public-ipv4',
  local_ipv4: 'local-ipv4',
  availability_zone: 'placement/availability-zone',
  instance_type: 'instance-type',
  instance_id: 'instance-id',
  local_hostname: 'local-hostname',
};

export async function askEc2(ask: Ask): Promise<Ec2> {
  const get = async (path: string): Promise<string | undefined> =>
    textOf(await ask({ path: `${ROOT}/${path}` }));
  const facts: Record<string, string | undefined> = {};
  for (const [name, path] of Object.entries(FACTS)) facts[name] = await get(path);
  return { hostname: await get('hostname'), authorizedKeys: await keys(get), facts };
}

/** The list has a line `0=NAME` for each key. */
async function keys(get: (path: string) => Promise<string | undefined>): Promise<string[]> {
  const found: string[] = [];
  for (const line of linesOf(await get('public-keys/'))) {
    const [index = ''] = line.split('=');
    if (/^\d+$/.test(index)) found.push(...linesOf(await get(`public-keys/${index}/openssh-key`)));
  }
  return found;
}
