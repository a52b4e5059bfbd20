/** Redis' own log, `1:M 22 Nov 2026 04:12:56.170 * Ready to accept connections tcp`. Pure. */

export interface RedisLogLine {
  /** The guest's wall clock (UTC), in milliseconds since the epoch. */
  readonly epochMs: number;
  readonly text: string;
}

export function parseRedisLine(line: string): RedisLogLine | undefined {
  const match = /^\d+:[A-Z] (\d+ \w{3} \d{4} [\d:]{8}\.\d{3}) [-.*#] (.*?)\r?$/.exec(line);
  if (match === null) return undefined;
  const epochMs = Date.parse(`${match[1]} UTC`);
  return Number.isNaN(epochMs) ? undefined : { epochMs, text: match[2] ?? '' };
}

/** When Redis ran its first line and when it listened, where the log says so. */
export function redisInstants(lines: readonly RedisLogLine[]): {
  readonly began: number | undefined;
  readonly ready: number | undefined;
} {
  return {
    began: lines[0]?.epochMs,
    ready: lines.find(({ text }) => text.startsWith('Ready to accept'))?.epochMs,
  };
}
