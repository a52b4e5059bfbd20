/** The baseline's console, after it was asked: its memory, its script's marks and Redis' log. Pure. */
import type { Inside } from './boot-machine.ts';
import { parseRedisLine, redisInstants } from './redis-log.ts';

/** Throws when something is missing: then the machine is not what it should be. */
export function parseBaselineReport(text: string): Inside {
  const number = (what: string, pattern: RegExp): number => {
    const match = pattern.exec(text);
    if (match === null) throw new Error(`The baseline does not tell ${what}:\n${text}`);
    return Number(match[1]);
  };
  const mark = (name: string): number =>
    number(`the mark "${name}"`, new RegExp(`^${name} (\\d+\\.\\d+)`, 'm')) * 1000;
  const { began, ready } = redisInstants(
    text
      .split('\n')
      .map(parseRedisLine)
      .filter((line) => line !== undefined),
  );
  if (began === undefined || ready === undefined) {
    throw new Error(`The baseline's Redis log is not understood:\n${text}`);
  }
  return {
    instants: {
      program: mark('script'),
      mounts: mark('mounts'),
      services: mark('services'),
      redisBegan: began,
      redisReady: ready,
    },
    memoryUsedKiB:
      number('MemTotal', /^MemTotal: +(\d+) kB/m) -
      number('MemAvailable', /^MemAvailable: +(\d+) kB/m),
    initRssAnonKiB: number("PID 1's RssAnon", /^RssAnon:\s+(\d+) kB/m),
    initThreads: number("PID 1's threads", /^Threads:\s+(\d+)/m),
  };
}
