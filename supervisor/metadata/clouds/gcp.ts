import { type Cloud, linesOf, textOf } from './cloud.ts';

const HEADERS = { 'Metadata-Flavor': 'Google' };
const ROOT = '/computeMetadata/v1';

/** Google Compute Engine. The keys of its project count unless the machine says that they do not. */
export const gcp: Cloud = async (ask) => {
  const get = async (path: string): Promise<string | undefined> =>
    textOf(await ask({ path: `${ROOT}/${path}`, headers: HEADERS }));
  const blocked = await get('instance/attributes/block-project-ssh-keys');
  const ofProject =
    blocked?.toLowerCase() === 'true' ? undefined : await get('project/attributes/ssh-keys');
  const keys = [...linesOf(await get('instance/attributes/ssh-keys')), ...linesOf(ofProject)];
  const network = 'instance/network-interfaces/0';
  return {
    provider: 'GCP',
    hostname: await get('instance/hostname'),
    authorizedKeys: keys.map(withoutUser),
    facts: {
      public_ipv4: await get(`${network}/access-configs/0/external-ip`),
      local_ipv4: await get(`${network}/ip`),
      availability_zone: lastPart(await get('instance/zone')),
      instance_type: lastPart(await get('instance/machine-type')),
      instance_id: await get('instance/id'),
    },
    userdata: await ask({ path: `${ROOT}/instance/attributes/user-data`, headers: HEADERS }),
  };
};

/** `user:ssh-ed25519 …`; there are no users here to give them to. */
function withoutUser(line: string): string {
  return line.replace(/^[\w.@-]*:/, '');
}

/** `projects/4711/zones/europe-west1-b` */
function lastPart(path: string | undefined): string | undefined {
  return path?.split('/').at(-1);
}
