/** Runs the tools that make, check and open file systems. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

export interface ToolOptions {
  /** Exit codes that are no failure. Default: only 0. */
  readonly accept?: readonly number[];
  /** For its standard input: a key. */
  readonly input?: string | Uint8Array;
}

/** Rejects with `ToolError` when it ends with another code, and with the errno error when it cannot be started. */
export type RunTool = (
  file: string,
  args: readonly string[],
  options?: ToolOptions,
) => Promise<{ readonly code: number; readonly stdout: string }>;

export class ToolError extends Error {
  override readonly name = 'ToolError';
}

export const runTool: RunTool = async (file, args, { accept = [0], input } = {}) => {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  // A tool that does not read all of it says so by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  if (code !== null && accept.includes(code)) return { code, stdout };
  const how = code === null ? `was ended by ${signal}` : `ended with ${code}`;
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-3).join('; ');
  throw new ToolError(`${file} ${how}: ${said}`);
};
