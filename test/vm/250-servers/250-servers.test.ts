/** Servers of the component library, asked by clients that are not ours. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MachineInfo, ProcessInfo, UnitStatus } from '../../../supervisor/control/api.ts';
import { type Outcome, startIshmael } from '../../support/ishmael-command.ts';
import { makeIso } from '../../support/metadata-disk.ts';
import { sshWithKey } from '../../support/ssh-client.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

const run = promisify(execFile);

let machine: TestMachine;
let shell: GuestShell;
let keys: string;

async function makeKey(name: string): Promise<string> {
  const path = join(keys, name);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  return path;
}

beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'ishmael-ssh-'));
  process.env['ISHMAEL_TEST_SSH_KEY'] = await readFile(`${await makeKey('known')}.pub`, 'utf8');
  const cloud = createServer((question, answer) => {
    const document = documentOf(question);
    answer.writeHead(document === undefined ? 404 : 200).end(document);
  }).listen(0, '127.0.0.1');
  await once(cloud, 'listening');
  process.env['ISHMAEL_TEST_METADATA_PORT'] = String((cloud.address() as AddressInfo).port);
  const disk = join(keys, 'metadata.iso');
  await makeIso(disk, {
    'meta-data': `local-hostname: pequod\npublic-keys:\n  - ${await readFile(`${await makeKey('from-metadata')}.pub`, 'utf8')}`,
    'user-data': JSON.stringify({ whale: { entries: { colour: { content: 'white' } } } }),
  });
  machine = await bootMachine({
    folder: import.meta.dirname,
    ports: [22, 2379, 9090, SHELL_PORT],
    disks: [disk],
    memoryMiB: 1536,
  });
  shell = await guestShell(machine);
  return async () => {
    await machine.vm.kill();
    cloud.close();
    await rm(keys, { recursive: true });
  };
});

/** A cloud as Amazon's, which answers those only who have a token. */
function documentOf({ method, url = '', headers }: IncomingMessage): string | undefined {
  if (method === 'PUT' && url === '/latest/api/token') return 'TOKEN';
  if (headers['x-aws-ec2-metadata-token'] !== 'TOKEN') return undefined;
  return { '/latest/meta-data/instance-id': 'i-4711', '/latest/user-data': '#!/bin/sh\n' }[url];
}

async function tryToAsk<T>(url: string, how: RequestInit): Promise<T | undefined> {
  const answer = await fetch(url, how).catch(() => undefined);
  return answer?.ok === true ? ((await answer.json()) as T) : undefined;
}

/** A unit is up when its program runs, which is before the program listens. */
function ask<T>(port: number, path: string, body?: unknown): Promise<T> {
  const how = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const url = `http://127.0.0.1:${machine.hostPort(port)}${path}`;
  return machine.waitFor(`an answer from port ${port}`, () => tryToAsk<T>(url, how));
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

it('etcd keeps what it is told', async () => {
  await ask(2379, '/v3/kv/put', { key: base64('whale'), value: base64('white') });
  const found = await ask<{ kvs: { value: string }[] }>(2379, '/v3/kv/range', {
    key: base64('whale'),
  });
  expect(found.kvs.map(({ value }) => value)).toEqual([base64('white')]);
});

it('prometheus collects what the exporter counts', async () => {
  const query = encodeURIComponent('up{job="node-exporter"}');
  const value = await machine.waitFor('a sample', async () => {
    const answer = await ask<{ data: { result: { value: [number, string] }[] } }>(
      9090,
      `/api/v1/query?query=${query}`,
    );
    return answer.data.result.find((each) => each.value[1] === '1')?.value[1];
  });
  expect(value).toBe('1');
});

describe('postgres', () => {
  async function lastWords(name: string): Promise<{ code: number | undefined; said: string[] }> {
    const unit = await machine.waitFor(`the end of ${name}`, async () => {
      const now = await machine.unit(name);
      return now.state === 'running' || now.state === 'starting' ? undefined : now;
    });
    const lines = await machine.logs(name);
    return { code: unit.lastExit?.code, said: lines.map(({ text }) => text) };
  }

  it('answers who knows the password, and nobody else', async () => {
    expect(await lastWords('client')).toEqual({ code: 0, said: ['1', 'Ä'] });
    const intruder = await lastWords('intruder');
    expect(intruder.code).toBe(2);
    expect(intruder.said.join(' ')).toContain('password authentication failed');
  });

  it('runs as nobody in particular', async () => {
    const processes = await machine.get<readonly ProcessInfo[]>('/v1/services/postgres/processes');
    expect(new Set(processes.map(({ uid }) => uid))).toEqual(new Set([70]));
  });

  it('has after a restart what it had before', async () => {
    const before = await machine.unit('postgres');
    await machine.post('/v1/services/postgres/restart');
    await machine.waitFor('another server', async () => {
      const { pid, state } = await machine.unit('postgres');
      return state === 'running' && pid !== before.pid ? true : undefined;
    });
    await machine.post('/v1/services/client/start');
    await machine.waitFor('the client to have run twice', async () => {
      const { said } = await lastWords('client');
      return said.length === 4 ? true : undefined;
    });
    expect((await lastWords('client')).said).toEqual(['1', 'Ä', '2', 'Ä']);
  });
});

describe('sshd', () => {
  async function ssh(key: string, command: string): Promise<string> {
    const options = ['StrictHostKeyChecking=no', `UserKnownHostsFile=${join(keys, 'hosts')}`];
    const words = [...options, 'BatchMode=yes', 'IdentitiesOnly=yes'].flatMap((word) => [
      '-o',
      word,
    ]);
    const where = ['-p', String(machine.hostPort(22)), '-i', key, 'root@127.0.0.1'];
    return (await run('ssh', ['-q', ...words, ...where, command])).stdout;
  }

  it('lets in who has the key', async () => {
    await machine.waitFor('sshd', () => ssh(join(keys, 'known'), 'true').catch(() => undefined));
    expect(await ssh(join(keys, 'known'), 'id -u; echo $0')).toBe('0\nsh\n');
    expect(await ssh(join(keys, 'known'), 'tr "\\0" " " < /proc/1/cmdline')).toContain('/init');
  });

  it('lets in who has a key from the metadata', async () => {
    expect(await ssh(join(keys, 'from-metadata'), 'id -u')).toBe('0\n');
  });

  it('lets in nobody else', async () => {
    await expect(ssh(await makeKey('unknown'), 'id')).rejects.toMatchObject({ code: 255 });
  });

  it('shows the certificates that the image has', async () => {
    const certificates = await ssh(
      join(keys, 'known'),
      'grep -c "BEGIN CERTIFICATE" /etc/ssl/certs/ca-certificates.crt',
    );
    expect(Number(certificates)).toBeGreaterThan(100);
  });
});

describe('ishmael, through SSH', () => {
  const ishmael = async (
    [command = '', ...words]: readonly string[],
    { key = 'known', where = `ssh://root@127.0.0.1:${machine.hostPort(22)}` } = {},
  ): Promise<Outcome> => {
    const place = await mkdtemp(join(keys, 'client-'));
    const path = await sshWithKey(place, join(keys, key));
    return startIshmael([command, where, ...words], { cwd: place, env: { PATH: path } }).outcome;
  };

  it('shows what runs in a machine that is elsewhere', async () => {
    const { code, stdout, stderr } = await ishmael(['status', '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { services } = JSON.parse(stdout) as { readonly services: readonly UnitStatus[] };
    expect(services).toContainEqual(expect.objectContaining({ id: 'sshd', state: 'running' }));
  });

  it('runs a command there, and ends as it has', async () => {
    const words = ['exec', 'exporter', '--', 'sh', '-c', 'exit 7'];
    expect(await ishmael(words)).toMatchObject({ code: 127 });
    expect(await ishmael(['exec', 'shell', '--', 'sh', '-c', 'echo there; exit 7'])).toEqual({
      code: 7,
      stdout: 'there\n',
      stderr: '',
    });
  });

  it('says in the words of ssh why it does not get there', async () => {
    const unknown = await ishmael(['status'], { key: 'from-nowhere' });
    expect(unknown.code).toBe(4);
    expect(unknown.stderr).toMatch(/Cannot reach "ssh:.*": .*Permission denied/u);
    const { stderr } = await ishmael(['status'], { where: 'ssh://root@127.0.0.1:1' });
    expect(stderr).toMatch(/Cannot reach .*Connection refused/u);
    expect((await ishmael(['kill'])).stderr).toContain('is no machine of this computer');
  });
});

describe('metadata', () => {
  it('of a disk is in /run/config, and the machine has its name from there', async () => {
    expect(await shell('cd /run/config; cat provider; echo; cat whale/colour')).toBe(
      'CDROM /dev/vda\nwhite',
    );
    expect(await machine.get<MachineInfo>('/v1/machine')).toMatchObject({ hostname: 'pequod' });
  });

  it('of a cloud is had over the network', async () => {
    expect(await shell('cd /run/config/cloud; cat provider instance_id userdata')).toBe(
      'AWSi-4711#!/bin/sh\n',
    );
  });
});

it('none of them has ended by itself', async () => {
  const units = await machine.get<readonly UnitStatus[]>('/v1/services');
  const lasting = ['etcd', 'exporter', 'prometheus', 'sshd'];
  const restarts = units.filter(({ name }) => lasting.includes(name)).map((unit) => unit.restarts);
  expect(restarts).toEqual([0, 0, 0, 0]);
});
