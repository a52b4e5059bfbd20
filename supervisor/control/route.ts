/**
 * Which question a request asks. Pure: method and URL to a route, or why not.
 */
import type { ApiError, MachineLogName } from './api.ts';

export type Route =
  | { readonly name: 'machine' | 'boot' | 'crash' | 'network' | 'services' | 'event-loop' }
  | { readonly name: 'service' | 'health' | 'processes' | 'mounts'; readonly id: string }
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
  | { readonly name: 'end'; readonly end: 'poweroff' | 'reboot' }
  | { readonly name: 'resume' };

export type ServiceAction = 'start' | 'stop' | 'restart';

export type Routing =
  | { readonly ok: true; readonly route: Route }
  | { readonly ok: false; readonly status: number; readonly error: ApiError };

const DEFAULT_TAIL = 200;

export function routeRequest(method: string, url: string): Routing {
  // `/\` for example: to a URL that begins a host, and there is none.
  const parsed = URL.parse(url, 'http://control');
  if (parsed === null) return notFound(url);
  const { pathname, searchParams } = parsed;
  const parts = pathname.split('/').slice(1).map(decode);
  if (parts[0] !== 'v1' || parts.includes(undefined)) return notFound(pathname);
  const [, head, id, tail] = parts;
  if (head === 'poweroff' || head === 'reboot' || head === 'resume') {
    if (parts.length !== 2) return notFound(pathname);
    if (method !== 'POST') return wrongMethod(method, 'POST');
    return found(head === 'resume' ? { name: head } : { name: 'end', end: head });
  }
  if (head === 'services' && id !== undefined && parts.length === 4 && isAction(tail)) {
    const route = { name: 'action', id, action: tail } as const;
    return method === 'POST' ? found(route) : wrongMethod(method, 'POST');
  }
  const route = getRoute(parts.length, head, id, tail, searchParams);
  if (route === undefined) return notFound(pathname);
  if (method !== 'GET') return wrongMethod(method, 'GET');
  return route;
}

function isAction(word: string | undefined): word is ServiceAction {
  return word === 'start' || word === 'stop' || word === 'restart';
}

function getRoute(
  length: number,
  head: string | undefined,
  id: string | undefined,
  tail: string | undefined,
  query: URLSearchParams,
): Routing | undefined {
  if (length === 2) {
    switch (head) {
      case 'machine':
      case 'boot':
      case 'crash':
      case 'network':
      case 'services':
      case 'event-loop':
        return found({ name: head });
      case 'events':
        return withNumber(query, 'since', 0, (since) =>
          found({ name: 'events', since, follow: query.get('follow') === '1' }),
        );
      case 'logs':
        return found({ name: 'all-logs', follow: query.get('follow') === '1' });
      case undefined:
      default:
        return undefined;
    }
  }
  if (head === 'logs' && length === 3 && (id === 'kernel' || id === 'ishmael')) {
    return withNumber(query, 'tail', DEFAULT_TAIL, (count) =>
      found({ name: 'machine-log', log: id, tail: count, follow: query.get('follow') === '1' }),
    );
  }
  if (head !== 'services' || id === undefined) return undefined;
  if (length === 3) return found({ name: 'service', id });
  if (length !== 4) return undefined;
  if (tail === 'health' || tail === 'processes' || tail === 'mounts')
    return found({ name: tail, id });
  if (tail !== 'logs') return undefined;
  return withNumber(query, 'tail', DEFAULT_TAIL, (count) =>
    found({ name: 'logs', id, tail: count, follow: query.get('follow') === '1' }),
  );
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
  const message = `Cannot read "${name}=${text}": not a whole number`;
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
