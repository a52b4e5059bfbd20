/** What a person needs to know when the boot is over. Pure. */
import type { BootReport, MachineInfo, UnitStateName, UnitStatus } from '../control/api.ts';
import { printable, printableLines } from './printable.ts';
import { wrapped } from './status-view.ts';
import { secondsText } from './time-text.ts';

/** States whose units need no explanation: their names fit on one line. */
const QUIET: readonly UnitStateName[] = ['running', 'finished', 'stopped'];
const LOUD: readonly UnitStateName[] = ['failed', 'backoff', 'waiting', 'starting', 'stopping'];

/** The parts of a boot: each begins where the one before it ended. */
const PARTS: readonly (readonly [milestone: string, name: string])[] = [
  ['exec', 'kernel'],
  ['script', 'start of PID 1'],
  ['mounts', 'mounts'],
  ['services', 'onboot and set-up'],
  ['settled', 'services'],
];

export interface Summary {
  readonly lines: readonly string[];
  /** Whether everything is as it should be. */
  readonly isFine: boolean;
}

export function summarize(
  machine: MachineInfo,
  units: readonly UnitStatus[],
  boot: BootReport,
  width: number,
): Summary {
  const failedSteps = boot.phases.flatMap((phase) =>
    phase.steps.filter((step) => step.outcome === 'failed'),
  );
  const wrong = [
    ...LOUD.flatMap((state) => loudLines(state, units, width)),
    ...failedSteps.flatMap((step) =>
      wrapped(`boot step ${step.name} failed: ${oneLine(step.detail ?? '')}`, width, '  '),
    ),
  ];
  const lines = [
    '',
    `${printable(machine.image)} on ${printable(machine.hostname)}, Linux ${printable(machine.kernel)}`,
    ...wrapped(durations(boot), width, '  '),
    ...QUIET.flatMap((state) => quietLines(state, units, width)),
    ...wrong,
    'Type "help" for the commands.',
    '',
  ];
  return { lines, isFine: wrong.length === 0 };
}

function durations(boot: BootReport): string {
  const parts: string[] = [];
  let previousMs = 0;
  for (const [milestone, name] of PARTS) {
    const atMs = boot.milestones[milestone];
    if (atMs === undefined) continue;
    parts.push(`${name} ${secondsText(Math.max(0, atMs - previousMs))}`);
    previousMs = atMs;
  }
  return `booted in ${secondsText(previousMs)}: ${parts.join(', ')}`;
}

function quietLines(
  state: UnitStateName,
  units: readonly UnitStatus[],
  width: number,
): readonly string[] {
  // Our own processes are worth a word only when they do not run.
  const names = units
    .filter((unit) => unit.state === state && unit.kind !== 'system')
    .map((unit) => printable(unit.name));
  return names.length === 0 ? [] : wrapped(`${state}: ${names.join(', ')}`, width, '  ');
}

function loudLines(
  state: UnitStateName,
  units: readonly UnitStatus[],
  width: number,
): readonly string[] {
  return units
    .filter((unit) => unit.state === state && !isExpectedToWait(unit))
    .flatMap((unit) =>
      wrapped(`${state}: ${printable(unit.name)}: ${oneLine(unit.reason)}`, width, '  '),
    );
}

/** The bridge, until a host comes. */
function isExpectedToWait(unit: UnitStatus): boolean {
  return unit.kind === 'system' && unit.state === 'waiting';
}

function oneLine(text: string): string {
  return printableLines(text).join(' ');
}
