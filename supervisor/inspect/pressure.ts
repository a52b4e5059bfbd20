/** A file of pressure stall information (psi.rst), of the machine or of a cgroup. Pure. */
import type { Pressure, PressureShare } from '../control/api-machine.ts';

const LINE = /^(some|full) avg10=([\d.]+) avg60=([\d.]+) avg300=([\d.]+) total=(\d+)$/;

/** `undefined` when there is no such line: the kernel measures no pressure. */
export function parsePressure(text: string): Pressure | undefined {
  const shares = new Map<string, PressureShare>();
  for (const line of text.split('\n')) {
    const [, name, avg10, avg60, avg300, totalUs] = LINE.exec(line) ?? [];
    if (name === undefined) continue;
    shares.set(name, {
      avg10: Number(avg10),
      avg60: Number(avg60),
      avg300: Number(avg300),
      totalUs: Number(totalUs),
    });
  }
  const some = shares.get('some');
  const full = shares.get('full');
  return some && { some, ...(full === undefined ? {} : { full }) };
}
