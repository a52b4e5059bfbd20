/** What an exec, or a copy, is asked and what it ends with (docs/control-api.md, "Exec" and "Copies"). Pure. */
import type { Exit } from '../../sys/exit.ts';
import type { WindowSize } from '../../sys/sys.ts';
import { readUpdateParts, type UpdateParts } from '../update/update-shapes.ts';

export interface ExecRequest {
  readonly args: readonly string[];
  /** With a terminal of this size; without it input, output and errors are streams of their own. */
  readonly terminal?: WindowSize;
  /** `NAME=value`, beside the environment that the container's program has, or in place of it. */
  readonly env?: readonly string[];
  /** Default: that of the container's program. */
  readonly cwd?: string;
}

/** Files of the container as a tar archive, on standard output, or those of one on standard input into it. */
export interface CopyRequest {
  readonly copy: 'from' | 'to';
  /** Absolute, in the container. */
  readonly path: string;
  /** `from`: what a symbolic link at `path` points to. */
  readonly follow?: boolean;
  /** `to`: `path` has to be a directory, and the first names of the archive are kept. */
  readonly isDirectory?: boolean;
}

/** Of the machine, and not in a container. */
export interface UpdateRequest {
  readonly update: UpdateParts;
}

export type SessionRequest = ExecRequest | CopyRequest | UpdateRequest;

export type ExecEnd = Exit | ExecRefusal;

/** Nothing was run. */
export interface ExecRefusal {
  readonly kind: 'refused';
  /**
   * `bad-request`: what was asked for is no command; `no-program`: the container has no such program;
   * `not-executable`: it has, and may not execute it; `exec-failed`: the runtime refused for another reason.
   */
  readonly code: 'bad-request' | 'no-program' | 'not-executable' | 'exec-failed';
  readonly message: string;
}

/** Of an upgraded connection. */
export const EXEC_PROTOCOL = 'ishmael-exec';
/** Of the bodies of an exec over HTTP/2, both ways. */
export const EXEC_CONTENT_TYPE = 'application/vnd.ishmael.exec';

/** The route of an exec in `id`. */
export function execPath(id: string): string {
  return `/v1/services/${encodeURIComponent(id)}/exec`;
}

/** That of an update, which is a session like it. */
export const UPDATE_PATH = '/v1/update';

/** Whether a path, without its query, is one of these routes. */
export function isExecPath(path: string): boolean {
  return path === UPDATE_PATH || /^\/v1\/services\/[^/?]+\/exec$/.test(path);
}

/** A bound for what has none in the kernel: nobody has such a window. */
const LARGEST_SIDE = 65_535;

/** The request in a value from outside; a sentence about what is wrong with it otherwise. */
export function readSessionRequest(value: unknown): SessionRequest | string {
  if (typeof value !== 'object' || value === null) return 'The request is no JSON object';
  if ('update' in value) {
    const update = readUpdateParts(value.update);
    return update === undefined ? '"update" wants "kernel" and perhaps "root"' : { update };
  }
  return 'copy' in value ? readCopyRequest(value) : readExecRequest(value);
}

function readCopyRequest(value: Readonly<Record<string, unknown>>): CopyRequest | string {
  const { copy, path, follow = false, isDirectory = false } = value;
  if (copy !== 'from' && copy !== 'to') return '"copy" wants "from" or "to"';
  if (typeof path !== 'string' || !path.startsWith('/') || !isClean(path))
    return '"path" wants an absolute path';
  if (typeof follow !== 'boolean') return '"follow" wants true or false';
  if (typeof isDirectory !== 'boolean') return '"isDirectory" wants true or false';
  return { copy, path, follow, isDirectory };
}

function readExecRequest(value: object): ExecRequest | string {
  const { args, terminal, env, cwd } = value as Readonly<Record<string, unknown>>;
  if (!isWords(args) || args.length === 0 || args[0] === '')
    return '"args" wants at least a program';
  if (env !== undefined && !(isWords(env) && env.every((word) => /^[^=]+=/.test(word)))) {
    return '"env" wants words of the form NAME=value';
  }
  if (cwd !== undefined && !(typeof cwd === 'string' && cwd.startsWith('/') && isClean(cwd))) {
    return '"cwd" wants an absolute path';
  }
  const size = terminal === undefined ? undefined : readWindowSize(terminal);
  if (size === undefined && terminal !== undefined) return '"terminal" wants "rows" and "columns"';
  return {
    args,
    ...(size === undefined ? {} : { terminal: size }),
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  };
}

export function readWindowSize(value: unknown): WindowSize | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { rows, columns } = value as Readonly<Record<string, unknown>>;
  return isSide(rows) && isSide(columns) ? { rows, columns } : undefined;
}

function isSide(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LARGEST_SIDE;
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === 'string' && isClean(word));
}

/** A NUL would end the word for the kernel, in the middle. */
function isClean(text: string): boolean {
  return !text.includes('\0');
}
