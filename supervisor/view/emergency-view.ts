/** What a person sees at the console of a machine whose PID 1 has died again and again. Pure. */
import type { EmergencyReport } from '../control/api.ts';
import { printable } from './printable.ts';
import { wrapped } from './status-view.ts';
import { durationText, instantText } from './time-text.ts';

const INDENT = '  ';

/** @param isAllowed which ways out the person may take from here; default: all */
export function emergencyLines(
  { deaths, log }: EmergencyReport,
  width: number,
  isAllowed: (way: WayOut) => boolean = () => true,
): readonly string[] {
  const first = deaths.at(0)?.atMs ?? 0;
  const last = deaths.at(-1)?.atMs ?? first;
  const span = durationText(last - first);
  const what = `PID 1 has died ${deaths.length} times within ${span}, and executing it again does not help. `;
  const services =
    'Containers run on as they are, but what ends is not started again until PID 1 is resumed.';
  return [
    '',
    '*** EMERGENCY CONSOLE ***',
    ...wrapped(what + services, width, ''),
    '',
    ...deaths.map(
      ({ atMs, generation, how }) =>
        `${instantText(atMs)} generation ${generation} of PID 1: ${printable(how)}`,
    ),
    '',
    ...logLines(log, width),
    ...wayOutLines(isAllowed, width),
    '',
  ];
}

type WayOut = 'resume' | 'status' | 'reboot' | 'poweroff';

const WAYS_OUT: readonly (readonly [name: WayOut, what: string])[] = [
  ['resume', 'PID 1 begins anew; containers run on and are supervised again'],
  ['status', 'which containers run'],
  ['reboot', 'stop the containers, then start the machine again'],
  ['poweroff', 'stop the containers, then switch the machine off'],
];

function wayOutLines(isAllowed: (way: WayOut) => boolean, width: number): readonly string[] {
  const allowed = WAYS_OUT.filter(([name]) => isAllowed(name));
  const lines = allowed.map(([name, what]) => `${INDENT}${name.padEnd(8)}  ${what}`);
  if (allowed.length === WAYS_OUT.length) return lines;
  const others =
    'This console may only look. The host can resume or end the machine over its own line, and the power button ends it.';
  return [...lines, ...wrapped(others, width, INDENT)];
}

function logLines(log: readonly string[], width: number): readonly string[] {
  if (log.length === 0) return [];
  const lines = log.flatMap((line) => wrapped(printable(line), width, INDENT));
  return ['The end of /run/log/ishmael.log:', ...lines, ''];
}
