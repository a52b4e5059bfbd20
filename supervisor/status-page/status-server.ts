/**
 * The web server of the status page. It has nothing but questions to answer: no route writes, no cookie is set,
 * and the page may run no script but its own.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ControlClient } from '../control/client.ts';
import { LiveClients } from './live-clients.ts';
import { MachineWatch } from './machine-watch.ts';
import { exposition } from './metrics/exposition.ts';
import { nodeMetrics } from './metrics/node-metrics.ts';
import { unitMetrics } from './metrics/unit-metrics.ts';
import { onceAtATime } from './once-at-a-time.ts';
import { renderPage } from './page.ts';
import { pageParts } from './page-parts.ts';
import { readMetricFacts, readSbom } from './read-facts.ts';
import { SCRIPT } from './script.ts';
import { STYLE } from './style.ts';

export interface StatusServerRequest {
  /** Of the read side. */
  readonly client: ControlClient;
  readonly address: string;
  /** 0 for any. */
  readonly port: number;
}

export interface StatusServer {
  readonly port: number;
  close(): void;
}

const MAX_CONNECTIONS = 64;
const ANSWER_MS = 10_000;
/** After an event there are often more. */
const SETTLE_MS = 50;
/** While somebody looks; events come at once. */
const REFRESH_MS = 2000;
const FLUSH_MS = 200;
const BEAT_MS = 15_000;
const METRICS_AGE_MS = 500;
const ALIVE_MS = 15_000;

const STYLE_PATH = hashed('style', STYLE, 'css');
const SCRIPT_PATH = hashed('script', SCRIPT, 'js');
const ASSETS = { style: STYLE_PATH, script: SCRIPT_PATH };

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

interface Context {
  readonly client: ControlClient;
  readonly watch: MachineWatch;
  readonly live: LiveClients;
  readonly metrics: () => Promise<string>;
}

/** Resolves when it listens; rejects with the errno error. */
export async function startStatusServer(request: StatusServerRequest): Promise<StatusServer> {
  const { client } = request;
  const nowMs = (): number => performance.now();
  const watch = new MachineWatch(client, nowMs);
  const live = new LiveClients();
  const metrics = onceAtATime(() => readMetrics(client), METRICS_AGE_MS, nowMs);
  const context: Context = { client, watch, live, metrics };
  const stop = new AbortController();
  const http = process.getBuiltinModule('node:http').createServer({
    maxHeaderSize: 8192,
    requestTimeout: ANSWER_MS,
    headersTimeout: ANSWER_MS,
    keepAliveTimeout: 5000,
  });
  http.maxConnections = MAX_CONNECTIONS;
  // Nothing sent and nothing read for so long: not a reader. Pages that are open hear something sooner.
  http.timeout = 2 * BEAT_MS;
  http.on('request', (asked, response) => void handle(context, asked, response));
  http.on('clientError', (_error, socket) => socket.destroy());
  await listen(http, request);
  keepLive(context, stop.signal);
  return {
    port: (http.address() as AddressInfo).port,
    close() {
      stop.abort();
      live.close();
      http.close();
      http.closeAllConnections();
    },
  };
}

function listen(http: Server, { port, address }: StatusServerRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, address, resolve);
  });
}

function keepLive({ watch, live }: Context, signal: AbortSignal): void {
  let waiting: NodeJS.Timeout | undefined;
  const show = async (): Promise<void> => {
    waiting = undefined;
    if (live.count === 0) return;
    try {
      live.show(pageParts(await watch.page(true)));
    } catch {
      // PID 1 is being executed again. The next look will tell.
    }
  };
  const onEvent = (): void => {
    waiting ??= setTimeout(() => void show(), SETTLE_MS);
  };
  watch.start({ onEvent, onLine: (line) => live.push(line) }, signal);
  const timers = [
    setInterval(onEvent, REFRESH_MS),
    setInterval(() => live.flush(), FLUSH_MS),
    setInterval(() => live.beat(), BEAT_MS),
  ];
  signal.addEventListener('abort', () => {
    timers.forEach((timer) => clearInterval(timer));
    clearTimeout(waiting);
  });
}

async function handle(
  context: Context,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.on('error', () => response.destroy());
  response.on('error', () => response.destroy());
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    response.setHeader('connection', 'close');
    send(response, 405, 'text/plain', 'This page only looks\n');
    return;
  }
  try {
    await answer(context, request.url ?? '/', response);
  } catch {
    // Only PID 1 can be missing, and it says itself why. The reader need not see how it was asked.
    if (response.headersSent) response.destroy();
    else send(response, 503, 'text/plain', 'PID 1 does not answer; try again\n');
  }
}

async function answer(context: Context, url: string, response: ServerResponse): Promise<void> {
  const { watch } = context;
  const parsed = URL.parse(url, 'http://status');
  const log = parsed?.searchParams.get('log') ?? 'all';
  switch (parsed?.pathname) {
    case '/': {
      const facts = await watch.page(false);
      send(response, 200, 'text/html', renderPage(facts, await watch.log(facts, log), ASSETS));
      return;
    }
    case '/live':
      await goLive(context, log, response);
      return;
    case '/metrics':
      send(response, 200, 'text/plain; version=0.0.4', await context.metrics());
      return;
    case '/healthz':
      if (performance.now() - watch.answeredMs > ALIVE_MS) await watch.page(true);
      send(response, 200, 'text/plain', 'ok\n');
      return;
    case STYLE_PATH:
      sendAsset(response, 'text/css', STYLE);
      return;
    case SCRIPT_PATH:
      sendAsset(response, 'text/javascript', SCRIPT);
      return;
    case '/sbom.spdx.json': {
      const sbom = await readSbom(context.client);
      if (sbom === undefined) break;
      send(response, 200, 'application/json', sbom);
      return;
    }
    default:
  }
  send(response, 404, 'text/plain', 'Nothing here\n');
}

async function goLive(
  { watch, live }: Context,
  log: string,
  response: ServerResponse,
): Promise<void> {
  const facts = await watch.page(true);
  const { name, lines } = await watch.log(facts, log);
  if (response.destroyed) return;
  if (response.req.method === 'HEAD' || live.isFull) {
    send(response, 503, 'text/plain', 'Too many pages are open\n');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  live.add(response, name, lines, pageParts(facts));
}

async function readMetrics(client: ControlClient): Promise<string> {
  const facts = await readMetricFacts(client);
  return exposition([...nodeMetrics(facts, Date.now()), ...unitMetrics(facts)]);
}

function hashed(name: string, text: string, suffix: string): string {
  return `/${name}.${createHash('sha256').update(text).digest('hex').slice(0, 12)}.${suffix}`;
}

function sendAsset(response: ServerResponse, type: string, text: string): void {
  response.setHeader('cache-control', 'public, max-age=31536000, immutable');
  send(response, 200, type, text);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  const isText = type.startsWith('text/');
  response.writeHead(status, {
    'content-type': isText ? `${type}; charset=utf-8` : type,
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
