/** Where machines are written down and where their sockets lie. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * `$XDG_STATE_HOME/ishmael/machines`, else below `~/.local/state`. Not `$XDG_RUNTIME_DIR`: that is removed
 * when its user logs out, and machines go on.
 */
export function machinesDir(): string {
  const xdg = process.env['XDG_STATE_HOME'];
  // The XDG base directory specification: a relative path there is to be ignored.
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.local/state');
  return join(base, 'ishmael/machines');
}

/** sun_path of unix(7) has 108 bytes, the last of them 0. */
const LONGEST_SOCKET_PATH = 107;

/** Whether each socket of a machine may lie in `dir`. */
export function fitsSockets(dir: string): boolean {
  return Object.values(socketPaths(dir)).every(
    (path) => Buffer.byteLength(path) <= LONGEST_SOCKET_PATH,
  );
}

export interface SocketPaths {
  /** The keeper's: the guest's control API and orders about the machine, over HTTP. */
  readonly api: string;
  /** The keeper's: the serial console, any number of readers. */
  readonly console: string;
}

/** QEMU's own sockets lie beside them, under shorter names (vm.ts). */
export function socketPaths(dir: string): SocketPaths {
  return { api: join(dir, 'api.sock'), console: join(dir, 'console.sock') };
}
