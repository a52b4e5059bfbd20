/** `ishmael password`: the hash that `console: {password: …}` of the YAML wants. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { hashPassword } from '../../supervisor/console/check-password.ts';
import { UsageError } from './cli-error.ts';
import { type Command, EXIT_OK } from './command.ts';
import { noPositionals, parseOptions } from './parse-options.ts';

const LEAST = 8;

export const passwordCommand: Command = {
  name: 'password',
  summary: "hash a password for the machine's console",
  usage: `Usage: ishmael password

Asks for a password, twice and without showing it, and prints the line for the YAML:

  console:
    mode: control
    password: '$scrypt$…'

Without a terminal the first line of standard input is the password. Each run prints another hash,
because each has a salt of its own.

Examples:
  ishmael password
  pass show appliance | ishmael password
`,
  async run(args) {
    noPositionals(parseOptions(args, {}).positionals);
    process.stdout.write(`${await hashPassword(checked(await readPassword()))}\n`);
    return EXIT_OK;
  },
};

function checked(password: string): string {
  if (Array.from(password).length >= LEAST) return password;
  throw new UsageError(`A password has at least ${LEAST} characters`);
}

async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return firstLine();
  const password = await askUnseen('Password: ');
  if ((await askUnseen('The same again: ')) === password) return password;
  throw new UsageError('These are two different passwords');
}

async function firstLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) return line;
  return '';
}

/** Readline shows each key on its output: so it gets one that shows nothing. */
async function askUnseen(question: string): Promise<string> {
  process.stderr.write(question);
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  lines.on('SIGINT', () => process.exit(1));
  try {
    return await lines.question('');
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
