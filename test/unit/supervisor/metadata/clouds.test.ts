import { describe, expect, it } from 'vitest';
import { type Ask, CloudStatusError } from '../../../../supervisor/metadata/cloud-client.ts';
import { aws } from '../../../../supervisor/metadata/clouds/aws.ts';
import { azure } from '../../../../supervisor/metadata/clouds/azure.ts';
import { reportReady } from '../../../../supervisor/metadata/clouds/azure-ready.ts';
import { digitalocean } from '../../../../supervisor/metadata/clouds/digitalocean.ts';
import { gcp } from '../../../../supervisor/metadata/clouds/gcp.ts';
import { hetzner } from '../../../../supervisor/metadata/clouds/hetzner.ts';
import { openstack } from '../../../../supervisor/metadata/clouds/openstack.ts';
import type { Metadata } from '../../../../supervisor/metadata/metadata.ts';

const ED = 'ssh-ed25519 AAAAC3Nz ahab';
const RSA = 'ssh-rsa AAAAB3Nz starbuck';

/** A server with these documents, each of which is there for a question with this header only. */
function serve(documents: Readonly<Record<string, string>>, header?: readonly [string, string]) {
  const ask: Ask = ({ path, method = 'GET', headers = {} }) => {
    const document = documents[`${method} ${path}`];
    if (document === undefined) return Promise.resolve(undefined);
    if (header !== undefined && method === 'GET' && headers[header[0]] !== header[1]) {
      return Promise.reject(new CloudStatusError(path, 401));
    }
    return Promise.resolve(Buffer.from(document));
  };
  return ask;
}

const readable = ({ userdata, ...rest }: Metadata) => ({
  ...rest,
  userdata: userdata === undefined ? undefined : Buffer.from(userdata).toString(),
});

const EC2 = {
  'GET /latest/meta-data/hostname': 'ip-10-0-0-7.internal',
  'GET /latest/meta-data/local-ipv4': '10.0.0.7',
  'GET /latest/meta-data/placement/availability-zone': 'eu-west-1a',
  'GET /latest/meta-data/public-keys/': '0=ahab\n1=starbuck',
  'GET /latest/meta-data/public-keys/0/openssh-key': `${ED}\n`,
  'GET /latest/meta-data/public-keys/1/openssh-key': RSA,
  'GET /latest/user-data': '#!/bin/sh\n',
};

describe('AWS', () => {
  const expected = {
    provider: 'AWS',
    hostname: 'ip-10-0-0-7.internal',
    authorizedKeys: [ED, RSA],
    facts: { local_ipv4: '10.0.0.7', availability_zone: 'eu-west-1a' },
    userdata: '#!/bin/sh\n',
  };

  it('is asked with a token', async () => {
    const ask = serve({ ...EC2, 'PUT /latest/api/token': 'TOKEN' }, [
      'X-aws-ec2-metadata-token',
      'TOKEN',
    ]);
    expect(readable(await aws(ask))).toEqual(expected);
  });

  it.each([405, 403])('is asked without one where that is answered with %i', async (status) => {
    const plain = serve(EC2);
    const ask: Ask = (question) =>
      question.method === 'PUT'
        ? Promise.reject(new CloudStatusError(question.path, status))
        : plain(question);
    expect(readable(await aws(ask))).toEqual(expected);
  });
});

it('OpenStack has a document of its own, and addresses elsewhere', async () => {
  const document = {
    uuid: '83679162',
    hostname: 'pequod.novalocal',
    availability_zone: 'nova',
    public_keys: { ahab: `${ED}\n`, broken: 7 },
  };
  const ask = serve({
    ...EC2,
    'GET /openstack/latest/meta_data.json': JSON.stringify(document),
    'GET /openstack/latest/user_data': '{}',
  });
  expect(readable(await openstack(ask))).toEqual({
    provider: 'openstack',
    hostname: 'pequod.novalocal',
    authorizedKeys: [ED],
    facts: { local_ipv4: '10.0.0.7', availability_zone: 'nova', instance_id: '83679162' },
    userdata: '{}',
  });
});

describe('GCP', () => {
  const ROOT = 'GET /computeMetadata/v1';
  const documents = {
    [`${ROOT}/instance/hostname`]: 'pequod.c.nantucket.internal',
    [`${ROOT}/instance/zone`]: 'projects/4711/zones/europe-west1-b',
    [`${ROOT}/instance/id`]: '998877',
    [`${ROOT}/instance/attributes/ssh-keys`]: `ahab:${ED}`,
    [`${ROOT}/project/attributes/ssh-keys`]: `starbuck:${RSA}\n\n`,
    [`${ROOT}/instance/attributes/user-data`]: 'whale: white\n',
    [`${ROOT}/instance/network-interfaces/0/ip`]: '10.132.0.2',
  };
  const HEADER = ['Metadata-Flavor', 'Google'] as const;

  it('has keys of the machine and of its project', async () => {
    expect(readable(await gcp(serve(documents, HEADER)))).toEqual({
      provider: 'GCP',
      hostname: 'pequod.c.nantucket.internal',
      authorizedKeys: [ED, RSA],
      facts: {
        local_ipv4: '10.132.0.2',
        availability_zone: 'europe-west1-b',
        instance_id: '998877',
      },
      userdata: 'whale: white\n',
    });
  });

  it('may not want those of the project', async () => {
    const blocked = { [`${ROOT}/instance/attributes/block-project-ssh-keys`]: 'TRUE' };
    const { authorizedKeys } = await gcp(serve({ ...documents, ...blocked }, HEADER));
    expect(authorizedKeys).toEqual([ED]);
  });
});

it('Azure has one document with everything, user data in base64', async () => {
  const document = {
    compute: {
      name: 'pequod-1',
      osProfile: { computerName: 'pequod' },
      location: 'westeurope',
      vmSize: 'Standard_B1s',
      vmId: '02aab8a4',
      zone: '',
      publicKeys: [{ keyData: `${ED}\r\n`, path: '/home/ahab/.ssh/authorized_keys' }],
      userData: Buffer.from('call me').toString('base64'),
    },
    network: {
      interface: [
        { ipv4: { ipAddress: [{ privateIpAddress: '10.1.0.4', publicIpAddress: '20.0.0.1' }] } },
      ],
    },
  };
  const path = 'GET /metadata/instance?api-version=2021-02-01';
  const ask = serve({ [path]: JSON.stringify(document) }, ['Metadata', 'true']);
  expect(readable(await azure(ask))).toEqual({
    provider: 'Azure',
    hostname: 'pequod',
    authorizedKeys: [ED],
    facts: {
      public_ipv4: '20.0.0.1',
      local_ipv4: '10.1.0.4',
      region: 'westeurope',
      instance_type: 'Standard_B1s',
      instance_id: '02aab8a4',
    },
    userdata: 'call me',
  });
});

describe('Azure is told that the machine is up', () => {
  const GOAL =
    '<?xml version="1.0"?><GoalState xmlns:xsi="x"><Version>2012-11-30</Version><Incarnation>3</Incarnation><Machine>' +
    '<ExpectedState>Started</ExpectedState></Machine><Container><ContainerId>f594-c</ContainerId><RoleInstanceList>' +
    '<RoleInstance><InstanceId>7924.pequod</InstanceId></RoleInstance></RoleInstanceList></Container></GoalState>';

  it('as the instance that its goal names', async () => {
    const asked: Parameters<Ask>[0][] = [];
    await reportReady((question) => {
      asked.push(question);
      return Promise.resolve(Buffer.from(question.method === 'POST' ? '' : GOAL));
    });
    expect(asked.map(({ method = 'GET', path }) => `${method} ${path}`)).toEqual([
      'GET /machine?comp=goalstate',
      'POST /machine?comp=health',
    ]);
    expect(asked.every(({ headers }) => headers?.['x-ms-version'] === '2012-11-30')).toBe(true);
    expect(asked[1]?.body).toContain(
      '<GoalStateIncarnation>3</GoalStateIncarnation><Container><ContainerId>f594-c</ContainerId>' +
        '<RoleInstanceList><Role><InstanceId>7924.pequod</InstanceId><Health><State>Ready</State></Health></Role>',
    );
  });

  it.each([
    ['no ContainerId', GOAL.replace('f594-c', '&amp;')],
    ['no Incarnation', 'no XML at all'],
    ['nobody to report to', GOAL],
  ])('not where there is %s', async (why, goal) => {
    const ask: Ask = ({ method }) =>
      Promise.resolve(method === 'POST' ? undefined : Buffer.from(goal));
    await expect(reportReady(ask)).rejects.toThrow(why);
  });
});

it('DigitalOcean has one document with everything', async () => {
  const document = {
    droplet_id: 2_756_294,
    hostname: 'pequod',
    user_data: '{}',
    public_keys: [ED, RSA],
    region: 'nyc3',
    interfaces: { public: [{ ipv4: { ip_address: '104.131.20.105' } }], private: [] },
  };
  expect(
    readable(await digitalocean(serve({ 'GET /metadata/v1.json': JSON.stringify(document) }))),
  ).toEqual({
    provider: 'DigitalOcean',
    hostname: 'pequod',
    authorizedKeys: [ED, RSA],
    facts: { public_ipv4: '104.131.20.105', region: 'nyc3', id: '2756294' },
    userdata: '{}',
  });
});

it.each([
  ['JSON', JSON.stringify([ED, RSA])],
  ['lines', `${ED}\n${RSA}\n`],
])('Hetzner has keys as %s', async (_what, keys) => {
  const ROOT = 'GET /hetzner/v1';
  const ask = serve({
    [`${ROOT}/metadata/hostname`]: 'pequod\n',
    [`${ROOT}/metadata/public-keys`]: keys,
    [`${ROOT}/metadata/instance-id`]: '42',
    [`${ROOT}/userdata`]: '#cloud-config\n',
  });
  expect(readable(await hetzner(ask))).toEqual({
    provider: 'Hetzner',
    hostname: 'pequod',
    authorizedKeys: [ED, RSA],
    facts: { instance_id: '42' },
    userdata: '#cloud-config\n',
  });
});

it.each([
  ['nothing', undefined, 'there is no such document'],
  ['no JSON', '<html>', 'no JSON'],
])('a document that is %s is an error with its path', async (_what, document, message) => {
  const documents: Record<string, string> =
    document === undefined ? {} : { 'GET /metadata/v1.json': document };
  await expect(digitalocean(serve(documents))).rejects.toThrow(`/metadata/v1.json: ${message}`);
});

it.each(['null', '[]', '7', '{"compute":7,"interfaces":null,"public_keys":{"a":[]}}'])(
  'a document that looks otherwise, %s, has nothing to tell',
  async (document) => {
    const everywhere: Ask = ({ path }) =>
      Promise.resolve(
        path.includes('json') || path.includes('?') ? Buffer.from(document) : undefined,
      );
    for (const cloud of [azure, digitalocean, openstack]) {
      const { hostname, authorizedKeys, userdata } = await cloud(everywhere);
      expect({ hostname, authorizedKeys, userdata }).toEqual({
        hostname: undefined,
        authorizedKeys: [],
        userdata: undefined,
      });
    }
  },
);
