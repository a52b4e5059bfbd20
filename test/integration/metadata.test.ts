/** What a machine is told: real file systems as other tools write them, and a server of metadata on the loopback. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { metadataApplet } from '../../supervisor/applets/metadata-applet.ts';
import { createAsk } from '../../supervisor/metadata/cloud-client.ts';
import { digitalocean } from '../../supervisor/metadata/clouds/digitalocean.ts';
import { readDisks, UnusableDiskError } from '../../supervisor/metadata/find-disks.ts';
import { writeConfig, writeKeys } from '../../supervisor/metadata/write-config.ts';
import { makeFat, makeIso } from '../support/metadata-disk.ts';

let dir: string;
let disk: string;
let told: string[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ishmael-metadata-'));
  disk = join(dir, 'disk.img');
  told = [];
});
afterEach(() => rm(dir, { recursive: true }));

const tell = (text: string): void => void told.push(text);
const META = 'instance-id: i-1\nlocal-hostname: pequod\npublic-keys:\n  - ssh-ed25519 AAAA ahab\n';
const EXPECTED = {
  hostname: 'pequod',
  authorizedKeys: ['ssh-ed25519 AAAA ahab'],
  facts: { instance_id: 'i-1' },
};

describe('a disk for the machine', () => {
  /** More than a cluster, and no multiple of one. */
  const userdata = Buffer.from(Array.from({ length: 70_001 }, (_, index) => 32 + (index % 90)));
  const files = { 'user-data': userdata, 'meta-data': META, 'network-config': 'version: 2\n' };

  it.each([
    ['Joliet and Rock Ridge', ['-J', '-R']],
    ['Joliet', ['-J']],
    ['Rock Ridge', ['-R']],
    ['long names of ISO 9660', ['-iso-level', '3']],
    ['names of eight letters', ['-iso-level', '1']],
  ])('is read from ISO 9660 with %s', async (_what, names) => {
    await makeIso(disk, files, { names });
    const found = readDisks([disk], tell);
    expect(told).toEqual([]);
    expect(found).toMatchObject({ ...EXPECTED, provider: `CDROM ${disk}` });
    expect(Buffer.compare(found?.userdata ?? Buffer.alloc(0), userdata)).toBe(0);
  });

  it.each([
    [12, 2_097_152],
    [16, 33_554_432],
    [32, 67_108_864],
  ])('is read from FAT%i', async (bits, bytes) => {
    // Others before them, so that neither is where everything begins.
    const before = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`a rather long name ${index}`, 'x'.repeat(index)]),
    );
    await makeFat(disk, { ...before, ...files }, { bits, bytes });
    const found = readDisks([disk], tell);
    expect(told).toEqual([]);
    expect(found).toMatchObject(EXPECTED);
    expect(Buffer.compare(found?.userdata ?? Buffer.alloc(0), userdata)).toBe(0);
  });

  it('is found among others, and told from them by its label', async () => {
    const [blank, other, empty] = ['blank', 'other', 'empty'].map((name) => join(dir, name));
    if (blank === undefined || other === undefined || empty === undefined) throw new Error();
    await writeFile(blank, Buffer.alloc(1_048_576));
    await writeFile(empty, '');
    await makeFat(other, { 'user-data': 'not for you' }, { label: 'DATA' });
    await makeIso(disk, { config: 'as LinuxKit had it' }, { label: 'CIDATA' });
    const found = readDisks(['/nowhere', blank, empty, other, disk], tell);
    expect(Buffer.from(found?.userdata ?? '').toString()).toBe('as LinuxKit had it');
    expect(told).toEqual([]);
    expect(readDisks([blank, empty, other], tell)).toBe(undefined);
  });

  it('that has nothing, or too much, is told of, and fails where there is no other', async () => {
    const other = join(dir, 'other');
    await makeIso(other, { 'user-data': 'from the other' });
    await makeIso(disk, { 'meta-data': META });
    expect(() => readDisks([disk], tell)).toThrow(UnusableDiskError);
    expect(readDisks([disk, other], tell)?.provider).toBe(`CDROM ${other}`);
    await makeFat(disk, { 'user-data': Buffer.alloc(1_048_577) }, { bits: 16, bytes: 33_554_432 });
    expect(() => readDisks([disk], tell)).toThrow('user-data has more than 1048576 bytes');
    expect(told).toEqual([
      expect.stringContaining('neither a file user-data nor config'),
      expect.stringContaining('neither a file user-data nor config'),
      expect.stringContaining('user-data has more than 1048576 bytes'),
    ]);
  });

  it.each(['iso', 'fat'] as const)(
    'of damaged %s neither hangs nor ends the program',
    async (kind) => {
      const make = kind === 'iso' ? makeIso : makeFat;
      await make(disk, { 'user-data': 'x'.repeat(5000), 'meta-data': META });
      const sound = await readFile(disk);
      // Where the structures are: descriptors and folders of one, boot sector, tables and folder of the other.
      const [from, to] = kind === 'iso' ? [32_768, 61_440] : [11, 20_000];
      let seed = 42;
      const random = (below: number): number => {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        return Math.floor((seed / 2_147_483_648) * below);
      };
      const file = await open(disk, 'r+');
      try {
        for (let round = 0; round < 300; round += 1) {
          for (let count = 0; count < 8; count += 1) {
            await file.write(Buffer.of(random(256)), 0, 1, from + random(to - from));
          }
          try {
            readDisks([disk], tell);
          } catch (error) {
            expect(error).toBeInstanceOf(UnusableDiskError);
          }
          await file.write(sound, 0, to, 0);
        }
      } finally {
        await file.close();
      }
      expect(readDisks([disk], tell)).toMatchObject(EXPECTED);
    },
  );
});

describe('a server of metadata', () => {
  let server: Server | undefined;

  async function serve(listener: RequestListener): Promise<string> {
    server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  it('is asked again while it is not ready yet', async () => {
    let asked = 0;
    const at = await serve((_question, answer) => {
      asked += 1;
      answer.statusCode = asked < 3 ? 503 : 200;
      answer.end(JSON.stringify({ hostname: 'pequod' }));
    });
    const { hostname } = await digitalocean(createAsk(at, 1));
    expect(hostname).toBe('pequod');
    expect(asked).toBe(3);
  });

  it('is not asked again for what it refuses', async () => {
    let asked = 0;
    const at = await serve((_question, answer) => {
      asked += 1;
      answer.statusCode = 403;
      answer.end();
    });
    await expect(createAsk(at, 1)({ path: '/a' })).rejects.toThrow('/a: the server answers 403');
    expect(asked).toBe(1);
  });

  it('has nothing where it answers 404', async () => {
    const at = await serve((_question, answer) => {
      answer.statusCode = 404;
      answer.end('not here');
    });
    expect(await createAsk(at, 1)({ path: '/a' })).toBe(undefined);
  });

  it('may not send without end', async () => {
    const at = await serve((_question, answer) => {
      const more = (): void => {
        while (!answer.destroyed && answer.write(Buffer.alloc(65_536)));
      };
      answer.on('drain', more);
      more();
    });
    await expect(createAsk(at, 1)({ path: '/a' })).rejects.toThrow('/a: more than 1048576 bytes');
  });

  it("of Azure's is told that the machine is up, once all is written", async () => {
    const into = join(dir, 'config');
    const reports: string[] = [];
    const at = await serve((question, answer) => {
      if (question.method === 'POST') {
        question.setEncoding('utf8').on('data', (text: string) => void reports.push(text));
        question.on('end', () => answer.end());
        return;
      }
      // No name: the host that runs the test would get it.
      answer.end(
        question.url?.startsWith('/metadata/') === true
          ? JSON.stringify({ compute: { vmId: 'v-1' } })
          : '<Incarnation>1</Incarnation><ContainerId>c</ContainerId><InstanceId>i</InstanceId>',
      );
    });
    expect(await metadataApplet(['--server', at, '--into', into, 'azure'])).toBe(0);
    expect(await readFile(join(into, 'instance_id'), 'utf8')).toBe('v-1');
    expect(reports).toEqual([expect.stringContaining('<State>Ready</State>')]);
  });

  it('that is not there is an error with its reason', async () => {
    const at = await serve(() => {});
    server?.close();
    await expect(createAsk(at, 1)({ path: '/a' })).rejects.toThrow(/\/a: .*ECONNREFUSED/);
  });
});

describe('what is written', () => {
  it('is laid out as LinuxKit does, and the same again the second time', async () => {
    const into = join(dir, 'config');
    const userdata = Buffer.from(
      JSON.stringify({
        ssh: { entries: { sshd_config: { perm: '0600', content: 'Port 23' } } },
        foo: { entries: { bar: { content: 'foobar' }, '../x': { content: 'out' } } },
        hostname: { entries: {} },
      }),
    );
    for (let time = 0; time < 2; time += 1) {
      writeConfig(into, { provider: 'AWS', ...EXPECTED, userdata }, tell);
    }
    const text = (path: string): Promise<string> => readFile(join(into, path), 'utf8');
    expect(await text('provider')).toBe('AWS');
    expect(await text('hostname')).toBe('pequod');
    expect(await text('instance_id')).toBe('i-1');
    expect(await text('userdata')).toBe(userdata.toString());
    expect(await text('ssh/authorized_keys')).toBe('ssh-ed25519 AAAA ahab\n');
    expect(await text('ssh/sshd_config')).toBe('Port 23');
    expect(await text('foo/bar')).toBe('foobar');
    const mode = async (path: string): Promise<number> =>
      (await stat(join(into, path))).mode & 0o777;
    expect(await mode('ssh/sshd_config')).toBe(0o600);
    expect(await mode('ssh/authorized_keys')).toBe(0o600);
    expect(await mode('foo/bar')).toBe(0o644);
    await expect(stat(join(dir, 'x'))).rejects.toThrow('ENOENT');
    expect(told).toHaveLength(4);
    expect(told[0]).toContain('foo/../x: is no name of a file');
    expect(told[1]).toContain('user data: hostname: ');
  });

  it('has a file of keys also without keys, and does not keep old ones', async () => {
    writeKeys(dir, ['ssh-rsa AAAA']);
    writeKeys(dir, []);
    expect(await readFile(join(dir, 'ssh/authorized_keys'), 'utf8')).toBe('');
  });
});
