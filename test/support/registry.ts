/** Debian's docker-registry on the loopback, and a proxy before it that can fail on purpose. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../build/run/free-port.ts';

export interface Registry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** The certificate, where the registry speaks TLS. */
  readonly certificate?: string;
  stop(): Promise<void>;
}

export interface RegistryOptions {
  /** The user `ahab` with the password `whale` and nobody else. */
  readonly auth?: boolean;
  readonly tls?: boolean;
}

// `htpasswd -Bbn ahab whale`
const HTPASSWD = 'ahab:$2y$05$r2DeZNZx8dfRbepyq0lG7O/ZVgMOqGZFBr0n9vekFPD6hhH.5qJlm\n';
export const CREDENTIALS = 'ahab:whale';

export async function startRegistry({ auth, tls }: RegistryOptions = {}): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), 'ishmael-registry-'));
  const host = `127.0.0.1:${await freePort(0)}`;
  const certificate = join(folder, 'certificate.pem');
  const key = join(folder, 'key.pem');
  if (tls === true) makeCertificate(certificate, key);
  writeFileSync(join(folder, 'htpasswd'), HTPASSWD);
  const config = {
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: { addr: host, ...(tls === true && { tls: { certificate, key } }) },
    ...(auth === true && {
      auth: { htpasswd: { realm: 'pequod', path: join(folder, 'htpasswd') } },
    }),
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
  const child = spawn('docker-registry', ['serve', join(folder, 'config.yml')], {
    stdio: 'ignore',
  });
  await listening(child, Number(host.split(':')[1]));
  return {
    host,
    ...(tls === true ? { certificate } : {}),
    stop: async () => {
      child.kill();
      await once(child, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

function makeCertificate(certificate: string, key: string): void {
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, ...files], { stdio: 'ignore' });
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) throw new Error(`docker-registry exited ${child.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await sleep(50);
  }
  throw new Error('docker-registry does not listen');
}

/** What the proxy does with a request: hand it on, answer with a status, or spoil the answer's body. */
export type Fault = 'pass' | number | 'cut' | 'tamper';

export interface FaultyProxy {
  readonly host: string;
  /** Every request so far, as `GET /v2/…`. */
  readonly requests: string[];
  /** Decides what becomes of a request; to be replaced at will. */
  decide: (line: string) => Fault;
  stop(): Promise<void>;
}

export async function startProxy(upstream: string): Promise<FaultyProxy> {
  const requests: string[] = [];
  const server = createServer((from, to) => {
    const line = `${from.method} ${from.url}`;
    requests.push(line);
    const fault = proxy.decide(line);
    if (typeof fault === 'number') {
      to.writeHead(fault).end();
      return;
    }
    const [hostname, port] = upstream.split(':');
    const { method, url: path, headers } = from;
    const onwards = request({ hostname, port, method, path, headers }, (answer) => {
      relay(answer, to, fault);
    });
    from.pipe(onwards);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const proxy: FaultyProxy = {
    host: `127.0.0.1:${port}`,
    requests,
    decide: () => 'pass',
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

function relay(answer: IncomingMessage, to: ServerResponse, fault: Fault): void {
  to.writeHead(answer.statusCode ?? 500, answer.headers);
  answer.on('data', (chunk: Buffer) => {
    if (fault === 'cut') to.write(chunk.subarray(0, 10), () => to.destroy());
    else to.write(fault === 'tamper' ? Buffer.from(chunk).fill(0x20, 0, 1) : chunk);
  });
  answer.on('end', () => to.end());
}
