/**
 * The control API's server inside PID 1 (shapes and routes: api.ts). It answers from memory and /proc,
 * bounded in input and in output: a client that does not read is dropped, never waited for.
 */
import { chmodSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { errorMessage } from '../../sys/errno.ts';
import {
  type ApiError,
  type BootReport,
  CONTROL_SOCKET,
  type CrashReport,
  type HistoryEntry,
  type LogLine,
  type LoopDelay,
  type MachineInfo,
  type HealthReport,
  type MachineLogLine,
  type MachineLogName,
  type MountInfo,
  type NetworkInterface,
  type ProcessInfo,
  type UnitStatus,
} from './api.ts';
import { streamNdjson } from './ndjson-stream.ts';
import { type Route, routeRequest, type ServiceAction } from './route.ts';

/** Thrown by a `ControlPort` for what is possible at another time only; the message says when. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** What the server may ask and order. `undefined` means that there is no such unit. */
export interface ControlPort {
  machine(): MachineInfo;
  boot(): BootReport;
  /** `undefined` when the run before has left nothing. */
  crash(): CrashReport | undefined;
  network(): NetworkInterface[];
  units(): UnitStatus[];
  unit(id: string): UnitStatus | undefined;
  processes(id: string): ProcessInfo[] | undefined;
  /** `undefined`: no such unit, or it has no health check now. */
  health(id: string): HealthReport | undefined;
  mounts(id: string): MountInfo[] | undefined;
  logs(id: string): Feed<LogLine> | undefined;
  /** `undefined` when the machine has none: a kernel without /dev/kmsg. */
  machineLog(name: MachineLogName): Feed<LogLine> | undefined;
  allLogs(): {
    recent(): Iterable<MachineLogLine>;
    follow(listener: (line: MachineLogLine) => void): () => void;
  };
  events(): Feed<HistoryEntry>;
  loopDelay(): Feed<LoopDelay>;
  /** Whether there is such a service; tasks and our own processes are nobody's to start and stop. */
  act(id: string, action: ServiceAction): boolean;
  end(how: 'poweroff' | 'reboot'): void;
  /** Out of emergency mode. */
  resume(): void;
}

/** What there is, and what comes. `follow` returns the function that ends it. */
export interface Feed<T> {
  recent(count: number): T[];
  follow(listener: (item: T) => void): () => void;
}

const MAX_CONNECTIONS = 64;
const REQUEST_TIMEOUT_MS = 10_000;

/** Listens at `path`, which only root can reach. Rejects with the errno error. */
export async function startControlServer(
  port: ControlPort,
  path: string = CONTROL_SOCKET,
): Promise<Server> {
  // Loaded here and not with the file: the HTTP stack costs PID 1 tens of milliseconds of its start,
  // which services need more than people do.
  const { createServer } = process.getBuiltinModule('node:http');
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, maxHeaderSize: 8192 });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('request', (request, response) => handle(port, request, response));
  server.on('clientError', (_error, socket) => socket.destroy());
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}

function handle(port: ControlPort, request: IncomingMessage, response: ServerResponse): void {
  // No route takes a body; one that is sent is read away so that the connection can be used again.
  request.resume();
  request.on('error', () => response.destroy());
  response.on('error', () => response.destroy());
  try {
    const routing = routeRequest(request.method ?? '', request.url ?? '');
    if (routing.ok) answer(port, routing.route, response);
    else send(response, routing.status, routing.error);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else if (error instanceof RefusedError) sendError(response, 409, 'refused', error.message);
    else sendError(response, 500, 'internal', errorMessage(error));
  }
}

function answer(port: ControlPort, route: Route, response: ServerResponse): void {
  switch (route.name) {
    case 'machine':
    case 'boot':
    case 'network':
      send(response, 200, port[route.name]());
      return;
    case 'crash': {
      const crash = port.crash();
      if (crash !== undefined) send(response, 200, crash);
      else sendError(response, 404, 'not-found', 'The last run of this machine has left no crash');
      return;
    }
    case 'services':
      send(response, 200, port.units());
      return;
    case 'service':
      sendFound(response, route.id, port.unit(route.id));
      return;
    case 'processes':
    case 'mounts':
      sendFound(response, route.id, port[route.name](route.id));
      return;
    case 'health': {
      const health = port.health(route.id);
      if (health !== undefined || port.unit(route.id) === undefined) {
        sendFound(response, route.id, health);
      } else {
        sendError(response, 404, 'not-found', `"${route.id}" has no health check, or does not run`);
      }
      return;
    }
    case 'logs': {
      const feed = port.logs(route.id);
      if (feed === undefined) sendFound(response, route.id, undefined);
      else stream(response, feed, feed.recent(route.tail), route.follow);
      return;
    }
    case 'machine-log': {
      const feed = port.machineLog(route.log);
      if (feed === undefined) sendError(response, 404, 'not-found', `No log "${route.log}"`);
      else stream(response, feed, feed.recent(route.tail), route.follow);
      return;
    }
    case 'all-logs': {
      const feed = port.allLogs();
      stream(response, feed, feed.recent(), route.follow);
      return;
    }
    case 'events': {
      const feed = port.events();
      const known = feed.recent(Number.MAX_SAFE_INTEGER).filter(({ seq }) => seq > route.since);
      stream(response, feed, known, route.follow);
      return;
    }
    case 'event-loop':
      stream(response, port.loopDelay(), [], true);
      return;
    case 'action':
      if (port.act(route.id, route.action)) send(response, 202, {});
      else sendError(response, 404, 'not-found', `No service "${route.id}"`);
      return;
    case 'end':
      send(response, 202, {});
      port.end(route.end);
      return;
    case 'resume':
      port.resume();
      send(response, 202, {});
  }
}

/** Of a feed what is asked for of the past, and what comes if that is asked for. */
function stream<T>(
  response: ServerResponse,
  feed: Pick<Feed<T>, 'follow'>,
  first: Iterable<T>,
  follow: boolean,
): void {
  streamNdjson(response, first, follow ? (listener) => feed.follow(listener) : undefined);
}

function sendFound(response: ServerResponse, id: string, value: unknown): void {
  if (value === undefined) sendError(response, 404, 'not-found', `No unit "${id}"`);
  else send(response, 200, value);
}

function sendError(
  response: ServerResponse,
  status: number,
  code: ApiError['code'],
  message: string,
): void {
  send(response, status, { code, message } satisfies ApiError);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
