import { type Cloud, jsonOf, textAt, valuesAt } from './cloud.ts';
import { askEc2 } from './ec2.ts';

const PATH = '/openstack/latest/meta_data.json';

/** OpenStack's own document, and for addresses the tree that it has for those who know EC2. */
export const openstack: Cloud = async (ask) => {
  const document = jsonOf(PATH, await ask({ path: PATH }));
  const { facts } = await askEc2(ask);
  return {
    provider: 'openstack',
    hostname: textAt(document, 'hostname') ?? textAt(document, 'name'),
    authorizedKeys: valuesAt(document, 'public_keys')
      .filter((key) => typeof key === 'string')
      .map((key) => key.trim()),
    facts: {
      ...facts,
      availability_zone: textAt(document, 'availability_zone') ?? facts['availability_zone'],
      instance_id: textAt(document, 'uuid') ?? facts['instance_id'],
    },
    userdata: await ask({ path: '/openstack/latest/user_data' }),
  };
};
