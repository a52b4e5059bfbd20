import { type Cloud, linesOf, textOf } from './cloud.ts';

const ROOT = '/hetzner/v1';

export const hetzner: Cloud = async (ask) => {
  const get = async (name: string): Promise<string | undefined> =>
    textOf(await ask({ path: `${ROOT}/metadata/${name}` }));
  return {
    provider: 'Hetzner',
    hostname: await get('hostname'),
    authorizedKeys: keysOf(await get('public-keys')),
    facts: {
      public_ipv4: await get('public-ipv4'),
      private_ipv4: await get('local-ipv4'),
      availability_zone: await get('availability-zone'),
      region: await get('region'),
      instance_id: await get('instance-id'),
    },
    userdata: await ask({ path: `${ROOT}/userdata` }),
  };
};

/** A list in JSON. */
function keysOf(text: string | undefined): string[] {
  try {
    const keys = JSON.parse(text ?? '[]') as unknown;
    if (Array.isArray(keys)) return keys.filter((key) => typeof key === 'string');
  } catch {
    // Lines, as others have them.
  }
  return linesOf(text);
}
