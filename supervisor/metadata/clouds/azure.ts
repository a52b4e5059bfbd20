import { type Cloud, jsonOf, valuesAt, textAt } from './cloud.ts';

/** The first version with user data in it (Azure Instance Metadata Service). */
const PATH = '/metadata/instance?api-version=2021-02-01';

export const AZURE = 'Azure';

/** Azure. Its older custom data is not among what its server tells. */
export const azure: Cloud = async (ask) => {
  const document = jsonOf(PATH, await ask({ path: PATH, headers: { Metadata: 'true' } }));
  const address = ['network', 'interface', 0, 'ipv4', 'ipAddress', 0] as const;
  const keys = valuesAt(document, 'compute', 'publicKeys').map((each) => textAt(each, 'keyData'));
  const userdata = textAt(document, 'compute', 'userData');
  return {
    provider: AZURE,
    hostname:
      textAt(document, 'compute', 'osProfile', 'computerName') ??
      textAt(document, 'compute', 'name'),
    authorizedKeys: keys.flatMap((key) => (key === undefined ? [] : [key.trim()])),
    facts: {
      public_ipv4: textAt(document, ...address, 'publicIpAddress'),
      local_ipv4: textAt(document, ...address, 'privateIpAddress'),
      availability_zone: textAt(document, 'compute', 'zone'),
      region: textAt(document, 'compute', 'location'),
      instance_type: textAt(document, 'compute', 'vmSize'),
      instance_id: textAt(document, 'compute', 'vmId'),
    },
    ...(userdata === undefined ? {} : { userdata: Buffer.from(userdata, 'base64') }),
  };
};
