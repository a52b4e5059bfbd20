/** The answer to Redis' TIME: seconds and microseconds since the epoch, as two strings in RESP. Pure. */

/** In milliseconds; `undefined` when it is something else. */
export function parseTimeAnswer(answer: string): number | undefined {
  const match = /^\*2\r\n\$\d+\r\n(\d+)\r\n\$\d+\r\n(\d+)\r\n$/.exec(answer);
  return match === null ? undefined : Number(match[1]) * 1000 + Number(match[2]) / 1000;
}
