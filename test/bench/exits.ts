/** PID 1's memory after a hundred thousand ends of services against a thousand, natively and simulated. */
import { simulateExits } from '../support/simulate-exits.ts';
import type { ExitsReport } from '../support/simulated-exits.ts';
import type { Measurement, Outcome } from './measurement.ts';
import { atMost } from './target.ts';

const STOPS = [1_000, 10_000, 30_000, 100_000];
const SERVICES = 16;
const EVERY_MS = 60_000;

export interface ExitsFigures {
  /** Garbage collected before each look, and left to V8 as in the machine. */
  readonly collected: ExitsReport;
  readonly asItComes: ExitsReport;
}

export const exits: Measurement = {
  name: 'exits',
  about: "PID 1's memory after 100,000 ends of services",
  measure: async () => {
    const request = { services: SERVICES, everyMs: EVERY_MS, stops: STOPS };
    return exitsOutcome({
      collected: await simulateExits(request, { collect: true }),
      asItComes: await simulateExits(request, { collect: false }),
    });
  },
};

export function exitsOutcome(figures: ExitsFigures): Outcome {
  const { collected, asItComes } = figures;
  const rows = collected.looks.map(({ exits: count, rssAnonKiB }, index) => [
    String(count),
    (rssAnonKiB / 1024).toFixed(1),
    ((asItComes.looks[index]?.rssAnonKiB ?? Number.NaN) / 1024).toFixed(1),
  ]);
  return {
    tables: [
      {
        title: `RssAnon of the supervisor by itself, MiB, after so many exits of ${SERVICES} services`,
        rows: [['exits', 'after a collection', "as V8's heap is"], ...rows],
      },
    ],
    targets: [
      atMost('RssAnon after 100,000 exits, more than after 1,000', grownMb(collected), {
        limit: 2,
        unit: 'MB',
        digits: 1,
      }),
      atMost('the same without a collection before', grownMb(asItComes), {
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
