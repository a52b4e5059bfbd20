/**
 * The example with its services under containerd against a machine that starts containerd and then one task after
 * another by its tool, as LinuxKit does; and what containerd costs PID 1, against the example as it is.
 */
import { join } from 'node:path';
import { bootMachine } from './boot-machine.ts';
import type { Boot } from './figures.ts';
import { buildContainerdImages, DIR, NAMES } from './images.ts';
import { inspectBusybox } from './inspect-busybox.ts';
import { inspectIshmael } from './inspect-ishmael.ts';
import type { BenchContext, Measurement, Outcome } from './measurement.ts';
import { medianOf, renderSpread, spreadOf } from './statistics.ts';

const KIB = 1024;
const MIB = 1_048_576;
/** As in the other targets. */
const MB = 1e6;

export const engine: Measurement = {
  name: 'engine',
  about: "services under containerd against LinuxKit's way to start them",
  measure,
};

const INSPECT = {
  containerd: inspectIshmael,
  ctr: inspectBusybox,
  ishmael: inspectIshmael,
} as const;
type Which = keyof typeof INSPECT;

async function measure({ rounds, progress }: BenchContext): Promise<Outcome> {
  await buildContainerdImages(progress);
  const boots: Record<Which, Boot[]> = { containerd: [], ctr: [], ishmael: [] };
  for (let round = 1; round <= rounds; round += 1) {
    for (const which of ['containerd', 'ctr', 'ishmael'] as const) {
      const consoleLog = join(DIR, `${NAMES[which]}-engine-${round}.log`);
      const boot = await bootMachine({ dir: DIR, name: NAMES[which], consoleLog }, INSPECT[which]);
      const ms = Math.round(boot.sinceInit.pong);
      progress(`round ${round} of ${rounds}, ${which}: /init → Redis answers in ${ms} ms`);
      boots[which].push(boot);
    }
  }
  return outcome(boots, rounds);
}

function outcome(boots: Readonly<Record<Which, readonly Boot[]>>, rounds: number): Outcome {
  const pongs = (which: Which): number[] => boots[which].map(({ sinceInit }) => sinceInit.pong);
  const rss = (which: Which): number[] =>
    boots[which].map(({ initRssAnonKiB }) => initRssAnonKiB * KIB);
  const ratio = medianOf(pongs('containerd')) / medianOf(pongs('ctr'));
  const growth = medianOf(rss('containerd')) - medianOf(rss('ishmael'));
  const mib = (bytes: number): number => bytes / MIB;
  const row = (label: string, of: (which: Which) => readonly number[], digits: number) => [
    label,
    ...(['containerd', 'ctr', 'ishmael'] as const).map((which) =>
      renderSpread(spreadOf(of(which)), digits),
    ),
  ];
  return {
    tables: [
      {
        title: `${rounds} rounds each, one after the other in turn: median (least–most)`,
        rows: [
          ['', 'engine: containerd', 'containerd and ctr', 'engine: direct'],
          row('/init → Redis answers, ms', pongs, 0),
          row('RssAnon of PID 1, MiB', (which) => rss(which).map(mib), 2),
        ],
      },
    ],
    targets: [
      {
        what: '/init → Redis answers, under containerd',
        limit: "≤ 0.8 × LinuxKit's way",
        is: `${ratio.toFixed(2)} ×`,
        reached: ratio <= 0.8,
      },
      {
        what: 'RssAnon of PID 1, more with containerd',
        limit: '≤ 2 MB',
        is: `${(growth / MB).toFixed(2)} MB`,
        reached: growth <= 2 * MB,
      },
    ],
    figures: boots,
  };
}
