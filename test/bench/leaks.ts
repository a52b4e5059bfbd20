/**
 * A thousand restarts with the real parts of PID 1, on this machine in namespaces of its own: what there is of
 * everything that could be left behind, before and after.
 */
import { findProgram, runProgramInNamespaces } from '../support/namespaces.ts';
import type { Belongings, RestartsReport, RestartsRequest } from '../support/restart-containers.ts';
import type { Measurement, Outcome } from './measurement.ts';
import type { RuntimeName } from './service-images.ts';
import type { Target } from './target.ts';

const RESTARTS = 1_000;
const LIMIT_MS = 900_000;
const KINDS = {
  openFiles: 'open files of PID 1',
  mounts: 'mounts',
  cgroups: 'cgroups',
  runFiles: 'files in /run',
  processes: 'processes',
} as const satisfies Record<keyof Belongings, string>;

type Reports = Readonly<Record<RuntimeName, RestartsReport>>;

export const leaks: Measurement = {
  name: 'leaks',
  about: `${RESTARTS} restarts leave nothing behind`,
  measure: async () => leaksOutcome({ runc: await restart('runc'), crun: await restart('crun') }),
};

async function restart(name: RuntimeName): Promise<RestartsReport> {
  const binary = findProgram(name);
  if (binary === undefined) throw new Error(`${name} is missing: install the package ${name}`);
  const request: RestartsRequest = {
    binary,
    cgroup: `/ishmael-leaks-${process.pid}`,
    restarts: RESTARTS,
  };
  const options = { timeoutMs: LIMIT_MS };
  return (await runProgramInNamespaces(
    'restart-containers.ts',
    request,
    options,
  )) as RestartsReport;
}

export function leaksOutcome(reports: Reports): Outcome {
  const names = ['runc', 'crun'] as const;
  const kinds = Object.keys(KINDS) as (keyof Belongings)[];
  const rows = kinds.map((kind) => [
    KINDS[kind],
    ...names.map((name) => `${reports[name].before[kind]} → ${reports[name].after[kind]}`),
  ]);
  const seconds = names.map((name) => (reports[name].tookMs / 1000).toFixed(0));
  return {
    tables: [
      {
        title: `${RESTARTS} restarts, before → after`,
        rows: [['', ...names], ...rows, ['took, s', ...seconds]],
      },
    ],
    targets: names.map((name) => leftTarget(name, reports[name])),
    figures: reports,
  };
}

function leftTarget(name: RuntimeName, { before, after, warnings }: RestartsReport): Target {
  const kinds = Object.keys(KINDS) as (keyof Belongings)[];
  const left = kinds.filter((kind) => after[kind] > before[kind]).map((kind) => KINDS[kind]);
  const found = [...left, ...new Set(warnings)];
  return {
    what: `${RESTARTS} restarts leave behind, ${name}`,
    limit: 'nothing',
    is: found.length === 0 ? 'nothing' : found.join(', '),
    reached: found.length === 0,
  };
}
