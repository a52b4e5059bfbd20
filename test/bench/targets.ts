/** The targets of a boot. Pure. */
import type { Boot, Results } from './figures.ts';
import { medianOf } from './statistics.ts';
import type { Target } from './target.ts';

const MB = 1e6;
const MIB = 1024 * 1024;

export function checkTargets(results: Results): Target[] {
  const { ishmael, busybox } = results;
  const ours = (of: (boot: Boot) => number): number => medianOf(ishmael.map(of));
  const theirs = (of: (boot: Boot) => number): number => medianOf(busybox.map(of));
  const pong = ({ sinceInit }: Boot): number => sinceInit.pong;
  const ratio = ours(pong) / theirs(pong);
  const threads = Math.max(...ishmael.map(({ initThreads }) => initThreads));
  const memory = (boot: Boot): number => boot.memoryUsedKiB * 1024;
  const buildMs = medianOf(results.warmBuildMs);
  return [
    {
      what: '/init → Redis answers',
      limit: '≤ 1.8 × busybox',
      is: `${ratio.toFixed(2)} ×`,
      reached: ratio <= 1.8,
    },
    bytes(
      'RssAnon of PID 1',
      13,
      ours((boot) => boot.initRssAnonKiB * 1024),
    ),
    { what: 'threads of PID 1', limit: '≤ 4', is: String(threads), reached: threads <= 4 },
    bytes('memory used, more than busybox', 110, ours(memory) - theirs(memory)),
    bytes('initrd without redis', 32, results.images.initrdWithoutRedis),
    { what: 'warm build', limit: '≤ 2 s', is: seconds(buildMs), reached: buildMs <= 2000 },
  ];
}

/** A limit in MB; what it is in MiB stands beside it, since both are called megabytes. */
function bytes(what: string, limitMb: number, value: number): Target {
  return {
    what,
    limit: `≤ ${limitMb} MB`,
    is: `${(value / MB).toFixed(1)} MB (${(value / MIB).toFixed(1)} MiB)`,
    reached: value <= limitMb * MB,
  };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
