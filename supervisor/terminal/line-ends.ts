/**
 * Makes the lines of a terminal those of a log: the line discipline ends them with CR LF (termios(3), ONLCR),
 * a pipe's end with LF. Pure, but for a CR that is held back until it is known what comes behind it.
 */
export function createLineEnds(): (chunk: Buffer) => Buffer {
  let held = false;
  return (chunk) => {
    const bytes = held ? Buffer.concat([CR_BYTES, chunk]) : chunk;
    held = bytes.at(-1) === CR;
    return bytes.filter((byte, at) => byte !== CR || (bytes[at + 1] ?? LF) !== LF) as Buffer;
  };
}

const CR = 13;
const LF = 10;
const CR_BYTES = Buffer.from([CR]);
