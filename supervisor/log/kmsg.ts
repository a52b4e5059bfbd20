/**
 * One record of /dev/kmsg, as Documentation/ABI/testing/dev-kmsg has it:
 *
 *   6,412,1234567,-;text with \x1b for what is no printable ASCII\n KEY=value\n KEY=value\n
 *   │ │   │       │
 *   │ │   │       flags: `-`, or `c` for a piece of a line; newer kernels may add fields
 *   │ │   microseconds of the kernel's clock
 *   │ number, without gaps but for records that were overwritten
 *   facility × 8 + severity
 *
 * Pure. The dictionary of KEY=value lines is for machines and left out.
 */

export interface KernelRecord {
  readonly priority: number;
  readonly seq: number;
  readonly atMs: number;
  /** One message may have several; never none. */
  readonly lines: readonly string[];
}

/** `undefined` for what is no record. */
export function parseKmsg(bytes: Buffer): KernelRecord | undefined {
  const text = bytes.toString('latin1');
  const head = /^(\d{1,6}),(\d{1,16}),(\d{1,16})(?:,[^;\n]*)?;/.exec(text);
  if (head === null) return undefined;
  const [{ length }, priority, seq, microseconds] = head;
  const end = text.indexOf('\n', length);
  const message = unescape(text.slice(length, end === -1 ? undefined : end));
  const lines = message.split('\n');
  // A newline at its end is part of how it was written, not of what it says.
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  return {
    priority: Number(priority),
    seq: Number(seq),
    atMs: Number(microseconds) / 1000,
    lines,
  };
}

/** The kernel escapes single bytes, those of a UTF-8 sequence included. */
function unescape(text: string): string {
  const raw = text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(raw, 'latin1').toString('utf8');
}
