/**
 * The control API's server inside PID 1 (shapes and routes: api.ts). It answers from memory and /proc,
 * bounded in input and in output: a client that does not read is dropped, never waited for.
 */
import { chmodSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Admission, type AdmissionLimits } from './admission.ts';
import { send, sendAccepted, sendError, sendFailure, sendFound, sendText } from './answers.ts';
import { CONTROL_SOCKET } from './api.ts';
import type { ControlPort, Feed } from './control-port.ts';
import { isExecPath } from '../exec/exec-shapes.ts';
import { Followers } from './followers.ts';
import { writeNdjson } from './ndjson-stream.ts';
import { readInSlices } from './read-in-slices.ts';
import { type Rights, type Route, routeRequest } from './route.ts';
import { answerUpgrade, sendUpgradeWanted, type UpgradeContext } from './upgrades.ts';

/** All connections, those that wait and those that follow among them. */
const MAX_CONNECTIONS = 2048;
/** On the socket of those who only ask. It leads into containers, and they are few. */
const MAX_READERS = 64;
/** The kernel's own line, before a connection is a descriptor of ours. */
const BACKLOG = 1024;
const ADMISSION: AdmissionLimits = {
  maxInside: 32,
  timeLimitMs: 10_000,
  askLimitMs: 1000,
  idleLimitMs: 5_000,
};
const MAX_HEADER_BYTES = 8192;
/** A reader of a stream who has read nothing for so long although there was something. */
const STALL_MS = 30_000;
/** No route takes a body. One that is sent all the same is read away, up to here. */
const MAX_BODY_BYTES = 65_536;

/** What is to be closed when the server is. */
export interface ControlServer {
  readonly connections: ReadonlySet<Socket>;
  close(): void;
}

/** Listens at `path`, which only root can reach. Rejects with the errno error. */
export async function startControlServer(
  port: ControlPort,
  path: string = CONTROL_SOCKET,
  rights: Rights = 'all',
): Promise<ControlServer> {
  // Loaded here and not with the file: the HTTP stack costs PID 1 tens of milliseconds of its start,
  // which services need more than people do.
  const http = process.getBuiltinModule('node:http').createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    // Whoever else asks for another protocol is answered in this one.
    shouldUpgradeCallback: ({ url = '' }) => rights === 'all' && isExecPath(url),
  });
  const admission = new Admission(ADMISSION, (socket) => {
    http.emit('connection', socket);
    readInSlices(socket);
    socket.resume();
  });
  const context = { port, rights, admission, followers: new Followers() };
  http.on('request', (request, response) => handle(context, request, response));
  http.on('upgrade', (request, socket, head) => {
    answerUpgrade(context, request, socket as Socket, head);
  });
  http.on('clientError', (_error, socket) => socket.destroy());
  // Nobody is spoken to in another protocol.
  http.on('connect', (_request, socket) => socket.destroy());
  const connections = new Set<Socket>();
  const { createServer } = process.getBuiltinModule('node:net');
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
    admission.arrive(socket);
  });
  server.maxConnections = rights === 'all' ? MAX_CONNECTIONS : MAX_READERS;
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, backlog: BACKLOG }, resolve);
  });
  chmodSync(path, 0o600);
  const close = (): void => {
    server.close();
    for (const socket of connections) socket.destroy();
  };
  return { connections, close };
}

interface Context extends UpgradeContext {
  readonly followers: Followers;
}

function handle(context: Context, request: IncomingMessage, response: ServerResponse): void {
  const { admission } = context;
  const { socket } = request;
  request.on('error', () => response.destroy());
  response.on('error', () => response.destroy());
  // Questions without waiting for the answers: thousands of them fit into one read.
  if (socket.destroyed || !admission.ask(socket)) {
    socket.destroy();
    return;
  }
  let bodyBytes = 0;
  request.on('data', (chunk: Buffer) => {
    bodyBytes += chunk.length;
    if (bodyBytes > MAX_BODY_BYTES) socket.destroy();
  });
  response.once('finish', () => admission.answered(socket));
  if (admission.crowded) response.setHeader('connection', 'close');
  try {
    const routing = routeRequest(request.method ?? '', request.url ?? '', context.rights);
    if (routing.ok) answer(context, routing.route, response);
    else send(response, routing.status, routing.error);
  } catch (error) {
    sendFailure(response, error);
  }
}

async function sendLater(response: ServerResponse, value: Promise<unknown>): Promise<void> {
  try {
    send(response, 200, await value);
  } catch (error) {
    sendFailure(response, error);
  }
}

function answer(context: Context, route: Route, response: ServerResponse): void {
  const { port } = context;
  switch (route.name) {
    case 'machine':
    case 'image':
    case 'boot':
    case 'cpu':
    case 'memory':
    case 'pressure':
    case 'disks':
    case 'network':
    case 'routes':
    case 'usage':
      send(response, 200, port[route.name]());
      return;
    case 'crash': {
      const crash = port.crash();
      if (crash !== undefined) send(response, 200, crash);
      else sendError(response, 404, 'not-found', 'The last run of this machine has left no crash');
      return;
    }
    case 'sbom': {
      const sbom = port.sbom();
      if (sbom !== undefined) sendText(response, 200, sbom);
      else sendError(response, 404, 'not-found', 'The image has no bill of materials');
      return;
    }
    case 'config': {
      const config = port.config();
      if (config !== undefined) send(response, 200, config);
      else sendError(response, 404, 'not-found', 'The image has no manifest that can be read');
      return;
    }
    case 'sockets':
      void sendLater(response, port.sockets());
      return;
    case 'machine-mounts':
      send(response, 200, port.machineMounts());
      return;
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
    case 'health':
      sendOfUnit(port, response, route.id, port.health(route.id), 'has no health check');
      return;
    case 'unit-usage':
      sendOfUnit(port, response, route.id, port.unitUsage(route.id), 'has no cgroup of its own');
      return;
    case 'logs': {
      const feed = port.logs(route.id);
      if (feed === undefined) sendFound(response, route.id, undefined);
      else stream(context, response, feed, feed.recent(route.tail), route.follow);
      return;
    }
    case 'machine-log': {
      const feed = port.machineLog(route.log);
      if (feed === undefined) sendError(response, 404, 'not-found', `No log "${route.log}"`);
      else stream(context, response, feed, feed.recent(route.tail), route.follow);
      return;
    }
    case 'all-logs': {
      const feed = port.allLogs();
      stream(context, response, feed, feed.recent(), route.follow);
      return;
    }
    case 'events': {
      const feed = port.events();
      const known = feed.recent(Number.MAX_SAFE_INTEGER).filter(({ seq }) => seq > route.since);
      stream(context, response, feed, known, route.follow);
      return;
    }
    case 'event-loop':
      stream(context, response, port.loopDelay(), [], true);
      return;
    case 'action':
      sendAccepted(response, route.id, port.act(route.id, route.action));
      return;
    case 'signal':
      sendAccepted(response, route.id, port.signal(route.id, route.signal));
      return;
    case 'exec':
    case 'update':
      sendUpgradeWanted(response);
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
  { admission, followers }: Context,
  response: ServerResponse,
  feed: Pick<Feed<T>, 'follow'>,
  first: Iterable<T>,
  follow: boolean,
): void {
  // However long it takes to read all of it, it is being read.
  response.setTimeout(STALL_MS, () => {
    if (response.writableLength > 0) response.destroy();
  });
  if (response.socket !== null) admission.follow(response.socket);
  response.writeHead(200, { 'content-type': 'application/x-ndjson', connection: 'close' });
  if (!follow) {
    writeNdjson(response, first, () => response.end());
    return;
  }
  response.flushHeaders();
  // Before the past is written: what comes meanwhile comes after it.
  const release = followers.add(response, (listener) => feed.follow(listener));
  writeNdjson(response, first, release);
}

/** What a unit may or may not have, and has not while it does not run. */
function sendOfUnit(
  port: ControlPort,
  response: ServerResponse,
  id: string,
  value: unknown,
  without: string,
): void {
  if (value !== undefined || port.unit(id) === undefined) sendFound(response, id, value);
  else sendError(response, 404, 'not-found', `"${id}" ${without}, or does not run`);
}
