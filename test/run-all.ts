/**
 * What `npm test` does once the machine is set up: format, lint, types, then every vitest project.
 * The last lines it prints are the names of what failed, hours of output further down than where it did, and
 * `N passed, N failed`. A skipped test counts as failed: on a machine that
 * setup.sh has prepared, nothing has a reason to be left out.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { readTotals, sumTotals, type Totals } from './support/vitest-totals.ts';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'node_modules/.bin');

const CHECKS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['format', 'prettier', '--check', '--log-level', 'warn', '.'],
  ['lint', 'oxlint', '--type-aware', '--deny-warnings'],
  ['types', 'tsc'],
];
const PROJECTS = ['unit', 'integration', 'vm', 'vm-pair'];

async function run(command: string, args: readonly string[]): Promise<boolean> {
  const path = `${BIN}${delimiter}${process.env['PATH'] ?? ''}`;
  const child = spawn(join(BIN, command), args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PATH: path },
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0;
}

interface Outcome extends Totals {
  /** In words for a person, a line each. */
  readonly complaints: readonly string[];
}

/** The checks count as one test each. */
async function runCheck(name: string, command: string, args: readonly string[]): Promise<Outcome> {
  const passed = await run(command, args);
  process.stdout.write(`${passed ? 'ok' : 'FAILED'}: ${name}\n`);
  return passed
    ? { passed: 1, failed: 0, complaints: [] }
    : { passed: 0, failed: 1, complaints: [name] };
}

async function runProject(project: string, directory: string): Promise<Outcome> {
  const report = join(directory, `${project}.json`);
  const succeeded = await run('vitest', [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  const { passed, failures, skipped } = readTotals(await readFile(report, 'utf8').catch(() => ''));
  const complaints = [
    ...failures.map((name) => `${project}: ${name}`),
    ...skipped.map((name) => `${project}: ${name} (skipped)`),
  ];
  if (complaints.length > 0) return { passed, failed: complaints.length, complaints };
  // An error outside any test is no failed test for vitest, and neither is its own early end.
  return succeeded
    ? { passed, failed: 0, complaints }
    : { passed, failed: 1, complaints: [`${project}: outside any test`] };
}

const directory = await mkdtemp(join(tmpdir(), 'ishmael-test-'));
try {
  const all: Outcome[] = [];
  for (const [name, command, ...args] of CHECKS) all.push(await runCheck(name, command, args));
  for (const project of PROJECTS) all.push(await runProject(project, directory));
  const { passed, failed } = sumTotals(all);
  process.exitCode = failed === 0 ? 0 : 1;
  for (const complaint of all.flatMap(({ complaints }) => complaints)) {
    process.stdout.write(`FAILED: ${complaint}\n`);
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
} finally {
  await rm(directory, { recursive: true, force: true });
}
