/** Components that do their job with the settings they come with. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProcessInfo, UnitStatus } from '../../../supervisor/control/api.ts';
import { openSlowLine, type SlowLine } from '../../support/slow-line.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { type GuestShell, guestShell, SHELL_PORT } from '../../support/vm-shell.ts';
import { talk } from '../../support/vm-talk.ts';

let machine: TestMachine;
let shell: GuestShell;
let agentDir: string;
let line: SlowLine;

beforeAll(async () => {
  agentDir = await mkdtemp(join(tmpdir(), 'ishmael-agent-'));
  const agentSocket = join(agentDir, 'socket');
  // 115200 baud.
  line = await openSlowLine(11_520);
  machine = await bootMachine({
    folder: import.meta.dirname,
    ports: [80, 2424, 9100, SHELL_PORT],
    memoryMiB: 1024,
    serialLines: [line.device],
    chardevs: [`socket,id=agent,path=${agentSocket},server=on,wait=off`],
    devices: ['virtserialport,chardev=agent,name=org.qemu.guest_agent.0'],
  });
  shell = await guestShell(machine);
  return async () => {
    line.close();
    await machine.vm.kill();
    await rm(agentDir, { recursive: true });
  };
});

async function get(port: number, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${machine.hostPort(port)}${path}`);
}

it('nginx serves files, as another user than root', async () => {
  const answer = await get(80, '/');
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('served by nginx');
  expect((await get(80, '/nope')).status).toBe(404);
  const processes = await machine.get<readonly ProcessInfo[]>('/v1/services/web/processes');
  expect(processes.map(({ uid }) => uid)).toEqual([0, 33]);
});

it('node-exporter tells of the machine and not of its container', async () => {
  const text = await (await get(9100, '/metrics')).text();
  expect(text).toMatch(/^node_memory_MemTotal_bytes [\d.e+]+$/m);
  expect(text).toMatch(/^node_network_receive_bytes_total\{device="eth0"\} /m);
  expect(text).toMatch(/^node_cpu_seconds_total\{cpu="0",mode="user"\} /m);
});

it('chrony gets the time from another one, and the kernel knows that it is right', async () => {
  const synchronized = await machine.waitFor('the time', async () => {
    const unit = await machine.get<UnitStatus>('/v1/services/needs-time');
    return unit.state === 'running' ? unit : undefined;
  });
  expect(synchronized.restarts).toBe(0);
  const units = await machine.get<readonly UnitStatus[]>('/v1/services');
  expect(units.filter(({ restarts }) => restarts > 0)).toEqual([]);
});

it('sysctl sets what its files say', async () => {
  expect(await shell('cat /proc/sys/fs/inotify/max_user_watches')).toBe('524288\n');
});

it('modprobe loads a module, and fails for one that there is not', async () => {
  expect(await shell('grep -c "^dm_verity " /proc/modules')).toBe('1\n');
  const units = await machine.get<readonly UnitStatus[]>('/v1/services');
  const failed = units.filter(({ lastExit }) => lastExit !== undefined && lastExit.code !== 0);
  expect(failed.map(({ name }) => name)).toEqual(['modprobe']);
});

it('nftables keeps out who may not come in from outside', async () => {
  const question = 'echo answered; exit\n';
  expect(await talk(machine.hostPort(SHELL_PORT), question)).toBe('answered\n');
  const refused = await talk(machine.hostPort(2424), question, 10_000).catch(() => 'refused');
  expect(refused).not.toContain('answered');
  expect(await shell("printf 'echo answered; exit\\n' | nc 127.0.0.1 2424")).toBe('answered\n');
});

it('rngd gives the kernel what the hardware generator says', async () => {
  const traced = (pattern: RegExp): Promise<true> =>
    machine.waitFor(String(pattern), async () => {
      const lines = await machine.logs('tracer');
      return lines.some(({ text }) => pattern.test(text)) ? true : undefined;
    });
  await traced(/^traces$/u);
  await machine.post('/v1/services/rngd/restart');
  await traced(/\brngd-\d+ .*sys_ioctl\(.*cmd: 40085203/u);

  const [rngd] = await machine.get<readonly ProcessInfo[]>('/v1/services/rngd/processes');
  expect(rngd?.command).toContain('rngd');
  expect(await machine.unit('rngd')).toMatchObject({ state: 'running' });
});

it('binfmt runs a program of another architecture, in a container that has no emulator', async () => {
  const bytes = [...arm64Program('hello from afar\n')];
  const octal = bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  await shell(`printf '${octal}' > /tmp/hello; chmod 755 /tmp/hello`);
  expect(await shell('/tmp/hello')).toBe('hello from afar\n');
});

it('getty lets in who knows the password, and nobody else', async () => {
  let from = 0;
  const see = (pattern: RegExp): Promise<true> =>
    machine.waitFor(String(pattern), async () => {
      const found = pattern.exec(line.console.text().slice(from));
      if (found === null) return undefined;
      from += found.index + found[0].length;
      return Promise.resolve(true);
    });
  const logIn = async (password: string): Promise<void> => {
    await see(/login: $/);
    line.type('root\r');
    await see(/Password: $/);
    line.type(`${password}\r`);
  };
  await logIn('ahab');
  await see(/Login incorrect/);
  await logIn('white whale');
  await see(/# /);
  line.type('id -u; tty; exit\r');
  await see(/\n0\r\n\/dev\/ttyS1\r\n/);
  await see(/login: $/);
});

describe('qemu-guest-agent', () => {
  /** Sends a command as a hypervisor does; resolves with the answer, or with nothing when the guest goes. */
  async function command(execute: string, values: object = {}): Promise<unknown> {
    const socket = connect(join(agentDir, 'socket'), () => {
      socket.write(`${JSON.stringify({ execute, arguments: values })}\n`);
    });
    let text = '';
    socket.setEncoding('utf8').on('error', () => {});
    for await (const chunk of socket as AsyncIterable<string>) {
      text += chunk;
      if (text.endsWith('\n')) break;
    }
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  it('tells the hypervisor about the guest', async () => {
    expect(await command('guest-ping')).toEqual({ return: {} });
    expect(await command('guest-get-host-name')).toEqual({
      return: { 'host-name': '240-components' },
    });
    expect(JSON.stringify(await command('guest-network-get-interfaces'))).toContain('10.0.2.15');
  });

  it('shuts the machine down in order', async () => {
    void command('guest-shutdown', { mode: 'powerdown' });
    expect(await machine.ended()).toMatchObject({ code: 0 });
    expect(machine.vm.console.text()).toContain('web: exit code 0');
  });
});

/** A static ELF program that writes `text` and ends with 0: elf(5), and the instructions of A64. */
function arm64Program(text: string): Buffer {
  const [headers, address] = [64 + 56, 0x40_0000];
  const code = [
    0xd280_0020, // mov x0, #1
    0x1000_0000 | (7 << 5) | 1, // adr x1, text (7 instructions on)
    0xd280_0002 | (text.length << 5), // mov x2, #length
    0xd280_0808, // mov x8, #64 (write)
    0xd400_0001, // svc #0
    0xd280_0000, // mov x0, #0
    0xd280_0ba8, // mov x8, #93 (exit)
    0xd400_0001, // svc #0
  ];
  const size = headers + code.length * 4 + text.length;
  const file = Buffer.alloc(size);
  file.write('\x7fELF\x02\x01\x01', 'latin1');
  file.writeUInt16LE(2, 16); // ET_EXEC
  file.writeUInt16LE(183, 18); // EM_AARCH64
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(address + headers), 24);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // PT_LOAD
  file.writeUInt32LE(5, 68); // read, execute
  file.writeBigUInt64LE(BigInt(address), 80);
  file.writeBigUInt64LE(BigInt(address), 88);
  file.writeBigUInt64LE(BigInt(size), 96);
  file.writeBigUInt64LE(BigInt(size), 104);
  file.writeBigUInt64LE(4096n, 112);
  code.forEach((instruction, index) => file.writeUInt32LE(instruction >>> 0, headers + index * 4));
  file.write(text, headers + code.length * 4);
  return file;
}
