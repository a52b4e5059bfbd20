/** The text of `ishmael.healthcheck` → the question. Pure. */
import type { Probe } from '../service/policy.ts';
import { isText } from './fields.ts';

const LOOPBACK = '127.0.0.1';

/**
 * `http://HOST:PORT/PATH`, `tcp://HOST:PORT`, `file:///PATH`, a JSON list of a program and its arguments, or a
 * line for a shell. A host is an address or `localhost`. `undefined` for what is none of these.
 */
export function parseProbe(text: string): Probe | undefined {
  if (text.trim() === '') return undefined;
  if (text.startsWith('[')) return parseCommand(text);
  if (/^(http|tcp|file):/.test(text)) return parseUrl(text);
  return { kind: 'exec', args: ['/bin/sh', '-c', text] };
}

function parseCommand(text: string): Probe | undefined {
  let words: unknown;
  try {
    words = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(words) || words.length === 0 || !words.every(isText)) return undefined;
  return { kind: 'exec', args: words };
}

function parseUrl(text: string): Probe | undefined {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(text) ?? [];
  if (scheme === 'file') {
    const path = /^\/\/(\/.+)$/s.exec(rest)?.[1];
    return path === undefined ? undefined : { kind: 'file', path };
  }
  // As http in either case: only of such a URL the address is looked at and written in its one way.
  const url = `http:${rest}`;
  if (!rest.startsWith('//') || !URL.canParse(url)) return undefined;
  const { hostname, port, pathname, search, username } = new URL(url);
  const host = hostname === 'localhost' ? LOOPBACK : hostname.replace(/^\[(.*)\]$/, '$1');
  if (!isAddress(host) || username !== '' || port === '0') return undefined;
  const number = Number(port || 80);
  if (scheme === 'http') return { kind: 'http', host, port: number, path: pathname + search };
  return /:\d+$/.test(rest) ? { kind: 'tcp', host, port: number } : undefined;
}

/** Of a host that the parser has let through: everything else of digits and dots it refuses. */
function isAddress(host: string): boolean {
  return /^\d+(\.\d+){3}$/.test(host) || host.includes(':');
}
