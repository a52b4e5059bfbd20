/** The `ishmael` program as a person runs it: started, watched, interrupted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const ISHMAEL = resolve(import.meta.dirname, '../../build/ishmael.sh');

/** What it says when a guest takes longer than two seconds, which one here may always do. */
const PATIENCE = /^ishmael: waiting for ".*" to answer\n/mu;

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  /** Without what only says that the guest is slow. */
  readonly stderr: string;
}

export interface RunningCommand {
  readonly outcome: Promise<Outcome>;
  /** Resolves when standard output has this; rejects when the command ends without. */
  seen(text: string): Promise<void>;
  /** Ctrl-C. */
  interrupt(): void;
}

export interface CommandPlace {
  readonly cwd: string;
  /** Added to this process's own. */
  readonly env: Readonly<Record<string, string>>;
  /** What is on its standard input; default: nothing. */
  readonly input?: string;
}

export function startIshmael(
  args: readonly string[],
  { cwd, env, input }: CommandPlace,
): RunningCommand {
  const child = spawn(ISHMAEL, args, {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  // It may have ended before it has read that.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  let stdout = '';
  let stderr = '';
  let check = (): void => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    check();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = once(child, 'close') as Promise<[number | null]>;
  const outcome = closed.then(([code]) => ({
    code,
    stdout,
    stderr: stderr.replace(PATIENCE, ''),
  }));
  return {
    outcome,
    interrupt: () => void child.kill('SIGINT'),
    async seen(text) {
      const { promise, resolve: found } = Promise.withResolvers<true>();
      check = () => {
        if (stdout.includes(text)) found(true);
      };
      check();
      const early = await Promise.race([promise, outcome]);
      if (early === true || early.stdout.includes(text)) return;
      throw new Error(`Ended without ${text}: ${early.stdout}${early.stderr}`);
    },
  };
}
