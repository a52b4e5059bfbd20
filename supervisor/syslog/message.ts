/**
 * A log line as a message of RFC 5424:
 *
 *   <27>1 2026-01-31T12:00:00.000Z box redis - stderr [meta sequenceId="17"] Ready
 *   │  │  time                     │   │     │ │      │                      the line, UTF-8
 *   │  version                     │   │     │ │      counts the messages to this receiver (§7.3.1)
 *   facility × 8 + severity        │   │     │ what it was written to
 *                                  │   │     process id: not known
 *                                  │   unit, kernel or ishmael
 *                                  the machine's name
 *
 * and its frame on TCP, the octet count of RFC 6587 §3.4.1. Pure.
 */
import type { MachineLogLine } from '../control/api.ts';
import { priorityOf } from '../log/priority.ts';

const ERROR = 3;
const INFO = 6;
/** RFC 5424 §6: the longest that each field may be. */
const LONGEST_HOST = 255;
const LONGEST_APP = 48;
/** RFC 5424 §7.3.1: after that it begins with 1 again. */
const LAST_SEQUENCE = 2_147_483_647;

export interface Envelope {
  /** Milliseconds since the epoch. */
  readonly wallMs: number;
  readonly hostname: string;
  /** For a line that has no priority. */
  readonly facility: number;
  /** From 1 on. */
  readonly sequence: number;
}

export function encodeMessage(line: MachineLogLine, envelope: Envelope): Buffer {
  const { wallMs, hostname, facility, sequence } = envelope;
  const severity = line.stream === 'stderr' ? ERROR : INFO;
  const priority = line.priority ?? priorityOf(facility, severity);
  const time = new Date(wallMs).toISOString();
  const host = field(hostname, LONGEST_HOST);
  const app = field(line.unit ?? line.stream, LONGEST_APP);
  const count = ((sequence - 1) % LAST_SEQUENCE) + 1;
  const head = `<${priority}>1 ${time} ${host} ${app} - ${line.stream} [meta sequenceId="${count}"]`;
  return Buffer.from(line.text === '' ? head : `${head} ${line.text}`);
}

/** `LENGTH SPACE MESSAGE` */
export function frameMessage(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** Printable ASCII without spaces; `-` where nothing is left. */
function field(text: string, longest: number): string {
  const fitting = text.replace(/[^!-~]/g, '').slice(0, longest);
  return fitting === '' ? '-' : fitting;
}
