import { type Cloud, jsonOf, valuesAt, textAt } from './cloud.ts';

const PATH = '/metadata/v1.json';

export const digitalocean: Cloud = async (ask) => {
  const document = jsonOf(PATH, await ask({ path: PATH }));
  const address = (of: string): string | undefined =>
    textAt(document, 'interfaces', of, 0, 'ipv4', 'ip_address');
  const userdata = textAt(document, 'user_data');
  return {
    provider: 'DigitalOcean',
    hostname: textAt(document, 'hostname'),
    authorizedKeys: valuesAt(document, 'public_keys').filter((key) => typeof key === 'string'),
    facts: {
      public_ipv4: address('public'),
      private_ipv4: address('private'),
      region: textAt(document, 'region'),
      id: textAt(document, 'droplet_id'),
    },
    ...(userdata === undefined ? {} : { userdata: Buffer.from(userdata) }),
  };
};
