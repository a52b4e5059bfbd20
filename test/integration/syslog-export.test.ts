import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MachineInfo } from '../../supervisor/control/api.ts';
import { connectOverUnixSocket } from '../../supervisor/control/client.ts';
import type { ControlPort } from '../../supervisor/control/control-port.ts';
import { type ControlServer, startControlServer } from '../../supervisor/control/server.ts';
import { History } from '../../supervisor/history.ts';
import { LogBook } from '../../supervisor/log/log-book.ts';
import { LogRing } from '../../supervisor/log/ring.ts';
import { connectTarget } from '../../supervisor/syslog/connection.ts';
import { followLogs } from '../../supervisor/syslog/follow-logs.ts';
import { LineQueue } from '../../supervisor/syslog/line-queue.ts';
import { type Sender, startSender } from '../../supervisor/syslog/sender.ts';
import type { SyslogTarget } from '../../supervisor/syslog/target.ts';
import { QUIET_MACHINE } from './console-support.ts';
import { readMessage, type Receiver, receiveTcp, receiveUdp } from './syslog-support.ts';

let directory: string;
let path: string;
let server: ControlServer;
let machine: MachineInfo;
let logs: LogBook;
let redis: LogRing;
let kernel: LogRing;
let stop: AbortController;
let following: Promise<void>;
let receiver: Receiver | undefined;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'syslog-'));
  path = join(directory, 'control.sock');
  machine = QUIET_MACHINE;
  logs = new LogBook();
  redis = new LogRing();
  kernel = new LogRing();
  logs.set('redis', redis);
  logs.setMachineLog('kernel', kernel);
  stop = new AbortController();
  following = Promise.resolve();
  receiver = undefined;
  server = await startControlServer(port(), path);
});

afterEach(async () => {
  stop.abort();
  await following;
  server.close();
  await receiver?.close();
  rmSync(directory, { recursive: true });
});

function dropAll(): void {
  for (const socket of server.connections) socket.destroy();
}

function port(): ControlPort {
  const nothing = (): never => {
    throw new Error('nobody asks');
  };
  return {
    machine: () => machine,
    boot: nothing,
    crash: nothing,
    image: nothing,
    sbom: nothing,
    config: nothing,
    cpu: nothing,
    memory: nothing,
    pressure: nothing,
    disks: nothing,
    machineMounts: nothing,
    network: nothing,
    routes: nothing,
    sockets: nothing,
    usage: nothing,
    unitUsage: nothing,
    units: nothing,
    unit: nothing,
    health: nothing,
    processes: nothing,
    mounts: nothing,
    logs: (id) => logs.get(id),
    machineLog: (name) => logs.machineLog(name),
    allLogs: () => logs,
    events: () => new History(),
    loopDelay: nothing,
    act: nothing,
    signal: nothing,
    update: nothing,
    exec: nothing,
    end: nothing,
    resume: nothing,
  };
}

function target(
  protocol: SyslogTarget['protocol'],
  number: number,
  more: Partial<SyslogTarget> = {},
): SyslogTarget {
  return { protocol, host: '127.0.0.1', port: number, facility: 3, ...more };
}

/** As the applet does, with less patience. */
function sendTo(to: SyslogTarget, queue = new LineQueue()): Sender {
  const sender = startSender(to, {
    connect: connectTarget,
    hostname: () => 'box',
    nowMs: () => performance.now(),
    queue,
    firstWaitMs: 20,
  });
  following = followLogs(
    connectOverUnixSocket(path),
    { onLine: (line) => sender.push(line), onLost: (count) => sender.countLost(count) },
    stop.signal,
    20,
  );
  return sender;
}

const texts = ({ messages }: Receiver): string[] => messages.map((each) => readMessage(each).text);

async function freePort(receive: (port?: number) => Promise<Receiver>): Promise<number> {
  const made = await receive();
  await made.close();
  return made.port;
}

describe.each([
  ['udp', receiveUdp],
  ['tcp', receiveTcp],
] as const)('syslog over %s', (protocol, receive) => {
  it('sends what was and what comes, with the time at which it was written', async () => {
    const atMs = performance.now() - 5000;
    kernel.add(atMs, 'kernel', 'eth0: link up', 6);
    redis.add(atMs + 1, 'stderr', 'warning é');
    receiver = await receive();
    sendTo(target(protocol, receiver.port));
    await expect.poll(() => receiver?.messages.length).toBe(2);
    redis.add(performance.now(), 'syslog', 'cron: job', 76);
    await expect.poll(() => receiver?.messages.length).toBe(3);
    const read = receiver.messages.map(readMessage);
    expect(read).toMatchObject([
      { priority: 6, host: 'box', app: 'kernel', stream: 'kernel', sequence: 1 },
      { priority: 27, app: 'redis', stream: 'stderr', sequence: 2, text: 'warning é' },
      { priority: 76, app: 'redis', stream: 'syslog', sequence: 3, text: 'cron: job' },
    ]);
    const age = Date.now() - Date.parse(read[0]?.time ?? '');
    expect(age).toBeGreaterThan(4000);
    expect(age).toBeLessThan(60_000);
  });

  it('keeps what is logged until there is a receiver, and sends it once', async () => {
    const number = await freePort(receive);
    redis.add(1, 'stdout', 'before all');
    sendTo(target(protocol, number));
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (let i = 0; i < 500; i += 1) redis.add(2, 'stdout', `line ${i}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    receiver = await receive(number);
    const expected = Array.from({ length: 500 }, (_, i) => `line ${i}`);
    await expect.poll(() => receiver?.messages.length, { timeout: 10_000 }).toBe(501);
    expect(texts(receiver)).toEqual(['before all', ...expected]);
    const numbers = receiver.messages.map((each) => readMessage(each).sequence);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  it('sends only the logs that are asked for', async () => {
    receiver = await receive();
    const web = new LogRing();
    logs.set('web', web);
    sendTo(target(protocol, receiver.port, { logs: ['redis', 'kernel'] }));
    web.add(1, 'stdout', 'unwanted');
    redis.add(2, 'stdout', 'wanted');
    kernel.add(3, 'kernel', 'wanted too', 6);
    await expect.poll(() => receiver && texts(receiver)).toEqual(['wanted', 'wanted too']);
  });
});

describe('syslog over tcp', () => {
  it('goes on after the receiver was away, with nothing twice', async () => {
    receiver = await receiveTcp();
    const number = receiver.port;
    sendTo(target('tcp', number));
    redis.add(1, 'stdout', 'one');
    await expect.poll(() => receiver && texts(receiver)).toEqual(['one']);
    await receiver.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    dropAll();
    redis.add(2, 'stdout', 'two');
    await new Promise((resolve) => setTimeout(resolve, 50));
    receiver = await receiveTcp(number);
    redis.add(3, 'stdout', 'three');
    await expect.poll(() => receiver && texts(receiver)).toEqual(['two', 'three']);
  });

  it('says how many lines gave way while there was no receiver', async () => {
    const number = await freePort(receiveTcp);
    sendTo(target('tcp', number), new LineQueue(20_000));
    for (let i = 0; i < 300; i += 1) {
      redis.add(1, 'stdout', `line ${i}`);
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    receiver = await receiveTcp(number);
    await expect.poll(() => receiver && texts(receiver).at(-1)).toBe('line 299');
    const [loss = '', ...rest] = texts(receiver);
    const lost = Number(/^(\d+) lines lost: /.exec(loss)?.[1]);
    expect(lost).toBeGreaterThan(100);
    expect(lost + rest.length).toBe(300);
    expect(readMessage(receiver.messages[0] ?? '')).toMatchObject({ priority: 44, app: 'ishmael' });
  });

  it('sends nothing twice when PID 1 has dropped the connection to it', async () => {
    receiver = await receiveTcp();
    sendTo(target('tcp', receiver.port));
    redis.add(1, 'stdout', 'one');
    await expect.poll(() => receiver && texts(receiver)).toEqual(['one']);
    redis.add(2, 'stdout', 'two');
    await expect.poll(() => receiver && texts(receiver)).toEqual(['one', 'two']);
    // Another generation counts from 1 again, and has in memory what the one before had.
    dropAll();
    machine = { ...QUIET_MACHINE, generation: 1 };
    redis = new LogRing();
    logs.set('redis', redis);
    redis.add(1, 'stdout', 'of the next generation');
    await expect
      .poll(() => receiver && texts(receiver))
      .toEqual(['one', 'two', 'of the next generation']);
  });

  it('goes to a new connection when a receiver that did not read has gone', async () => {
    let connections = 0;
    const { createServer } = await import('node:net');
    const deaf = createServer((socket) => {
      connections += 1;
      socket.pause();
      socket.on('error', () => undefined);
      // The end of the first one is what the sender has to see.
      if (connections === 1) setTimeout(() => socket.destroy(), 300);
    });
    deaf.listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    const address = deaf.address();
    const number = typeof address === 'object' ? (address?.port ?? 0) : 0;
    try {
      sendTo(target('tcp', number));
      for (let i = 0; i < 300; i += 1) {
        for (let j = 0; j < 50; j += 1) redis.add(1, 'stdout', 'x'.repeat(1000));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await expect.poll(() => connections, { timeout: 10_000 }).toBeGreaterThan(1);
    } finally {
      deaf.close();
    }
  });
});

describe('rsyslog', () => {
  let rsyslog: ChildProcess | undefined;

  afterEach(async () => {
    if (rsyslog === undefined) return;
    rsyslog.kill('SIGKILL');
    await once(rsyslog, 'exit');
    rsyslog = undefined;
  });

  it('understands what it is sent over UDP and TCP', async () => {
    const [udp, tcp] = [await freePort(receiveUdp), await freePort(receiveTcp)];
    const file = join(directory, 'received');
    const config = join(directory, 'rsyslog.conf');
    writeFileSync(
      config,
      `global(workDirectory="${directory}")
module(load="imudp")
module(load="imtcp")
input(type="imudp" address="127.0.0.1" port="${udp}")
input(type="imtcp" address="127.0.0.1" port="${tcp}")
template(name="fields" type="string" string="%inputname% %syslogfacility-text%.%syslogseverity-text% %timestamp:::date-rfc3339% %hostname% %app-name% %msgid% %structured-data%|%msg%\\n")
action(type="omfile" file="${file}" template="fields")
`,
    );
    const pid = join(directory, 'rsyslog.pid');
    rsyslog = spawn('rsyslogd', ['-n', '-f', config, '-i', pid], { stdio: 'ignore' });
    await expect.poll(() => existsSync(pid), { timeout: 10_000 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 500));
    redis.add(performance.now(), 'stderr', 'a line with <brackets> [and] "quotes"');
    kernel.add(performance.now(), 'kernel', 'from the kernel', 6);
    const senders = [target('udp', udp), target('tcp', tcp, { facility: 16 })].map((to) =>
      startSender(to, {
        connect: connectTarget,
        hostname: () => 'box',
        nowMs: () => performance.now(),
        firstWaitMs: 20,
      }),
    );
    following = followLogs(
      connectOverUnixSocket(path),
      { onLine: (line) => senders.forEach((sender) => sender.push(line)), onLost: () => undefined },
      stop.signal,
    );
    const received = (): string[] =>
      existsSync(file)
        ? readFileSync(file, 'utf8')
            .trimEnd()
            .split('\n')
            .filter((line) => line.startsWith('im'))
        : [];
    await expect.poll(() => received().length, { timeout: 10_000 }).toBe(4);
    const withoutTimes = received().map((line) => line.replace(/ \d{4}-\S+ /, ' TIME '));
    const rest = '[meta sequenceId="1"]|a line with <brackets> [and] "quotes"';
    expect(withoutTimes.toSorted()).toEqual([
      `imtcp kern.info TIME box kernel kernel [meta sequenceId="2"]|from the kernel`,
      `imtcp local0.err TIME box redis stderr ${rest}`,
      `imudp daemon.err TIME box redis stderr ${rest}`,
      `imudp kern.info TIME box kernel kernel [meta sequenceId="2"]|from the kernel`,
    ]);
  });
});
