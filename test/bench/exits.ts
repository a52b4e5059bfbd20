/** PID 1's memory after a hundred thousand ends of services against a thousand, natively and simulated. */
import { simulateExits } from '../support/simulate-exits.ts';
import type { ExitsReport } from '../support/simulated-exits.ts';
import type { Measurement, Outcome } from './measurement.ts';
import { atMost } from './target.ts';

const STOPS = [1_000, 10_000, 30_000, 100_000];
const SERVICES = 16;
const EVERY_MS = 60_000;

export const exits: Measurement = {
  name: 'exits',
  about: "PID 1's memory after 100,000 ends of services",
  measure: async () => {
    const request = { services: SERVICES, everyMs: EVERY_MS, stops: STOPS };
    return exitsOutcome(await simulateExits(request));
  },
};

export function exitsOutcome(figures: ExitsReport): Outcome {
  const rows = figures.looks.map(({ exits: count, rssAnonKiB }) => [
    String(count),
    (rssAnonKiB / 1024).toFixed(1),
  ]);
  return {
    tables: [
      {
        title: `RssAnon of the supervisor by itself, MiB, after so many exits of ${SERVICES} services`,
        rows: [['exits', 'RssAnon'], ...rows],
      },
    ],
    targets: [
      atMost('RssAnon after 100,000 exits, more than after 1,000', grownMb(figures), {
        limit: 2,
        unit: 'MB',
        digits: 1,
      }),
    ],
    figures,
  };
}

function grownMb({ looks }: ExitsReport): number {
  const [first, last] = [looks.at(0), looks.at(-1)];
  return (((last?.rssAnonKiB ?? Number.NaN) - (first?.rssAnonKiB ?? Number.NaN)) * 1024) / 1e6;
}
