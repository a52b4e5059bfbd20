/**
 * Which question a request asks. Pure: method and URL to a route, or why not. The table is all that is
 * served; docs/openapi.yaml has the same rows, and a test compares the two.
 */
import { signalNumber } from '../../sys/exit.ts';
import { type ApiError, MACHINE_LOG_NAMES, type MachineLogName } from './api.ts';

/** Questions about the machine as a whole, without a parameter. */
export type MachineQuestion =
  | 'machine'
  | 'image'
  | 'sbom'
  | 'config'
  | 'boot'
  | 'crash'
  | 'cpu'
  | 'memory'
  | 'pressure'
  | 'disks'
  | 'machine-mounts'
  | 'network'
  | 'routes'
  | 'sockets'
  | 'usage'
  | 'services'
  | 'event-loop';

/** Questions about one unit, without a further parameter. */
export type UnitQuestion = 'service' | 'health' | 'unit-usage' | 'processes' | 'mounts';

export type Route =
  | { readonly name: MachineQuestion }
  | { readonly name: UnitQuestion; readonly id: string }
  | {
      readonly name: 'logs';
      readonly id: string;
      readonly tail: number;
      readonly follow: boolean;
    }
  | {
      readonly name: 'machine-log';
      readonly log: MachineLogName;
      readonly tail: number;
      readonly follow: boolean;
    }
  | { readonly name: 'all-logs'; readonly follow: boolean }
  | { readonly name: 'events'; readonly since: number; readonly follow: boolean }
  | { readonly name: 'action'; readonly id: string; readonly action: ServiceAction }
  | { readonly name: 'signal'; readonly id: string; readonly signal: number }
  | { readonly name: 'exec'; readonly id: string }
  | { readonly name: 'update' }
  | { readonly name: 'end'; readonly end: 'poweroff' | 'reboot' }
  | { readonly name: 'resume' };

/** `read`: questions only, and of those not the private ones, as if there were no other routes. */
export type Rights = 'all' | 'read';

export type ServiceAction = 'start' | 'stop' | 'restart';

export type Routing =
  | { readonly ok: true; readonly route: Route }
  | { readonly ok: false; readonly status: number; readonly error: ApiError };

/** `path` is as OpenAPI has it: `{id}` is any one part, percent-encoded. */
export interface RouteRow {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Nothing for those who may only read: it may contain secrets. */
  readonly isPrivate?: true;
  readonly to: (id: string, query: URLSearchParams) => Routing;
}

/** SIGRTMAX */
const MAX_SIGNAL = 64;
const DEFAULT_TAIL = 200;

export const ROUTES: readonly RouteRow[] = [
  machine('/v1/machine', 'machine'),
  machine('/v1/image', 'image'),
  machine('/v1/sbom', 'sbom'),
  { ...machine('/v1/config', 'config'), isPrivate: true },
  machine('/v1/boot', 'boot'),
  machine('/v1/crash', 'crash'),
  machine('/v1/cpu', 'cpu'),
  machine('/v1/memory', 'memory'),
  machine('/v1/pressure', 'pressure'),
  machine('/v1/disks', 'disks'),
  machine('/v1/mounts', 'machine-mounts'),
  machine('/v1/network', 'network'),
  machine('/v1/routes', 'routes'),
  machine('/v1/sockets', 'sockets'),
  machine('/v1/usage', 'usage'),
  machine('/v1/event-loop', 'event-loop'),
  machine('/v1/services', 'services'),
  unit('/v1/services/{id}', 'service'),
  unit('/v1/services/{id}/health', 'health'),
  unit('/v1/services/{id}/usage', 'unit-usage'),
  unit('/v1/services/{id}/processes', 'processes'),
  unit('/v1/services/{id}/mounts', 'mounts'),
  {
    method: 'GET',
    path: '/v1/services/{id}/logs',
    to: (id, query) =>
      withNumber(query, 'tail', DEFAULT_TAIL, (tail) =>
        found({ name: 'logs', id, tail, follow: query.get('follow') === '1' }),
      ),
  },
  {
    method: 'GET',
    path: '/v1/logs',
    to: (_, query) => found({ name: 'all-logs', follow: query.get('follow') === '1' }),
  },
  ...MACHINE_LOG_NAMES.map((log): RouteRow => ({
    method: 'GET',
    path: `/v1/logs/${log}`,
    to: (_, query) =>
      withNumber(query, 'tail', DEFAULT_TAIL, (tail) =>
        found({ name: 'machine-log', log, tail, follow: query.get('follow') === '1' }),
      ),
  })),
  {
    method: 'GET',
    path: '/v1/events',
    to: (_, query) =>
      withNumber(query, 'since', 0, (since) =>
        found({ name: 'events', since, follow: query.get('follow') === '1' }),
      ),
  },
  order('/v1/services/{id}/start', (id) => ({ name: 'action', id, action: 'start' })),
  order('/v1/services/{id}/stop', (id) => ({ name: 'action', id, action: 'stop' })),
  order('/v1/services/{id}/restart', (id) => ({ name: 'action', id, action: 'restart' })),
  {
    method: 'POST',
    path: '/v1/services/{id}/signal',
    to(id, query) {
      const text = query.get('signal') ?? '';
      const signal = signalNumber(text.toUpperCase());
      if (signal !== undefined && signal >= 1 && signal <= MAX_SIGNAL)
        return found({ name: 'signal', id, signal });
      return badRequest(`Cannot send "${text}": no signal, such as signal=HUP or signal=1`);
    },
  },
  order('/v1/services/{id}/exec', (id) => ({ name: 'exec', id })),
  order('/v1/update', () => ({ name: 'update' })),
  order('/v1/poweroff', () => ({ name: 'end', end: 'poweroff' })),
  order('/v1/reboot', () => ({ name: 'end', end: 'reboot' })),
  order('/v1/resume', () => ({ name: 'resume' })),
];

const TABLE = ROUTES.map((row) => ({ row, parts: row.path.slice(1).split('/') }));

export function routeRequest(method: string, url: string, rights: Rights): Routing {
  // `/\` for example: to a URL that begins a host, and there is none.
  const parsed = URL.parse(url, 'http://control');
  if (parsed === null) return notFound(url);
  const { pathname, searchParams } = parsed;
  const parts = pathname.slice(1).split('/').map(decode);
  const here = TABLE.filter((entry) => fits(entry.parts, parts))
    .map(({ row }) => row)
    .filter((row) => rights === 'all' || (row.method === 'GET' && row.isPrivate !== true));
  const [first] = here;
  if (first === undefined) return notFound(pathname);
  const row = here.find((candidate) => candidate.method === method);
  if (row === undefined) return wrongMethod(method, first.method);
  // The one parameter of a path is its third part, see the table.
  return row.to(parts[2] ?? '', searchParams);
}

function fits(pattern: readonly string[], parts: readonly (string | undefined)[]): boolean {
  if (pattern.length !== parts.length) return false;
  return pattern.every((word, index) => {
    const part = parts[index];
    return word === '{id}' ? part !== undefined : word === part;
  });
}

function machine(path: string, name: MachineQuestion): RouteRow {
  return { method: 'GET', path, to: () => found({ name }) };
}

function unit(path: string, name: UnitQuestion): RouteRow {
  return { method: 'GET', path, to: (id) => found({ name, id }) };
}

function order(path: string, to: (id: string) => Route): RouteRow {
  return { method: 'POST', path, to: (id) => found(to(id)) };
}

function withNumber(
  query: URLSearchParams,
  name: string,
  fallback: number,
  then: (value: number) => Routing,
): Routing {
  const text = query.get(name);
  if (text === null) return then(fallback);
  if (/^\d{1,12}$/.test(text)) return then(Number(text));
  return badRequest(`Cannot read "${name}=${text}": not a whole number`);
}

function badRequest(message: string): Routing {
  return { ok: false, status: 400, error: { code: 'bad-request', message } };
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    // A broken escape names nothing we have.
    return undefined;
  }
}

function found(route: Route): Routing {
  return { ok: true, route };
}

function notFound(path: string): Routing {
  return { ok: false, status: 404, error: { code: 'not-found', message: `Nothing at "${path}"` } };
}

function wrongMethod(method: string, wanted: string): Routing {
  const message = `Cannot ${method} here: use ${wanted}`;
  return { ok: false, status: 405, error: { code: 'method-not-allowed', message } };
}
