/**
 * `npm run bench`: everything that docs/bench.md lists, or what `--only` names. It measures; it judges only
 * in the table of targets, and its exit code says whether it could measure, not whether they are reached.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { UsageError } from '../../build/cli/cli-error.ts';
import { readCount } from '../../build/cli/parse-options.ts';
import { startProgress } from '../../build/cli/progress.ts';
import { boots } from './boot.ts';
import { engine } from './engine.ts';
import { exits } from './exits.ts';
import { hundred } from './hundred/hundred.ts';
import { leaks } from './leaks.ts';
import { logs } from './logs.ts';
import type { BenchContext, Measurement, Outcome } from './measurement.ts';
import { orphans } from './orphans.ts';
import { renderOutcomes } from './report.ts';
import { restarts } from './restart/restarts.ts';

const MEASUREMENTS: readonly Measurement[] = [
  boots,
  engine,
  restarts('runc'),
  restarts('crun'),
  hundred,
  logs,
  orphans,
  exits,
  leaks,
];

const progress = startProgress();
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', multiple: true },
    json: { type: 'string' },
  },
});
const context: BenchContext = { rounds: readCount('--rounds', values.rounds, 1), progress };
const outcomes: Outcome[] = [];
const figures: Record<string, unknown> = {};
for (const { name, about, measure } of chosen(values.only)) {
  progress(`${name}: ${about}`);
  const outcome = await measure(context);
  outcomes.push(outcome);
  figures[name] = outcome.figures;
}
process.stdout.write(`\n${renderOutcomes(outcomes)}`);
if (values.json !== undefined) {
  await writeFile(values.json, `${JSON.stringify(figures, undefined, 2)}\n`);
}

/** Those of the names, in the order of the list; all without names. */
function chosen(names: readonly string[] | undefined): readonly Measurement[] {
  if (names === undefined) return MEASUREMENTS;
  const known = MEASUREMENTS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`Option '--only' knows ${known.join(', ')}, not '${unknown}'`);
  }
  return MEASUREMENTS.filter(({ name }) => names.includes(name));
}
