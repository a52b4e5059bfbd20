/** What is closed on the machine itself, for a person: the measures, why, and how each is switched off. Pure. */
import {
  type HardeningChoice,
  isTaken,
  MEASURE_NAMES,
  type MeasureName,
  MEASURES,
} from '../config/machine-hardening.ts';

export function explainHardening(choice: HardeningChoice): string {
  const lines = MEASURE_NAMES.map((name) => line(name, isTaken(name, choice)));
  return `machine:\n${lines.join('')}`;
}

function line(name: MeasureName, isOn: boolean): string {
  const { reason, sysctls, whenSettled, noCoreFiles, hidesProcesses, signedCmdline } =
    MEASURES[name];
  const what = [
    ...Object.entries(sysctls).map(([key, value]) => `${key}=${value}`),
    ...Object.entries(whenSettled ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(hidesProcesses === true ? ['hidepid=2 on /proc'] : []),
    ...(noCoreFiles === true ? ['RLIMIT_CORE=0'] : []),
    ...(signedCmdline === undefined ? [] : [`${signedCmdline} with "sign:"`]),
  ].join(' ');
  const other = `"hardening: {${name}: ${String(!isOn)}}"`;
  return (
    `  ${name.padEnd(15)} ${isOn ? 'on: ' : 'off:'} ${reason}\n` +
    `  ${''.padEnd(15)}      ${what}; ${isOn ? 'off' : 'on'} with ${other}\n`
  );
}
