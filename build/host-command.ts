/** Running one program of the host to its end: captured output, an error that carries what it said. */
import { spawn } from 'node:child_process';
import { toolPath } from './host-tools.ts';

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly command: string;
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(command: string, exitCode: number | null, stderr: string) {
    const said = stderr.trim().split('\n').slice(-8).join('\n');
    super(`${command} failed (${exitCode === null ? 'killed' : `exit ${exitCode}`}): ${said}`);
    this.command = command;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

export interface CommandOptions {
  readonly cwd?: string;
  /** Added to a small fixed environment: PATH, HOME, and our settings for the way to the network. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Called with every whole line of standard error as it appears. */
  readonly onLine?: (line: string) => void;
  /** After this the program gets SIGKILL and the call rejects. */
  readonly timeoutMs?: number;
}

/** Resolves with standard output; rejects with `CommandError` on any exit but 0. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...baseEnvironment(), ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.timeoutMs,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    let stderr = '';
    let line = '';
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(-65_536);
      const lines = (line + chunk).split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) options.onLine?.(whole);
    });
    // A program that exits without reading its input is judged by its exit status alone.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(stdout));
      else reject(new CommandError(command, code, stderr));
    });
  });
}

/** Proxies, and whom to trust beside the usual: a network may put a certificate of its own in the place of everybody's. */
const NETWORK = [
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
] as const;

/** Tools must not change their output with the caller's locale, nor find settings by chance. */
function baseEnvironment(): Record<string, string> {
  const environment: Record<string, string> = { PATH: toolPath(), LC_ALL: 'C.UTF-8' };
  for (const name of ['HOME', 'TMPDIR', ...NETWORK]) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
