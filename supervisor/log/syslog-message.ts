/**
 * What programs write to /dev/log: a message of RFC 3164 as C libraries have it, or of RFC 5424. Pure.
 *
 *   <30>Jan 31 12:00:00 cron[12]: job done
 *   │   │               │    │    the rest
 *   │   │               tag, which ends with a colon; the process id where there is one
 *   │   a time, which is thrown away: the line gets its own, and this one has neither year nor zone
 *   facility × 8 + severity, below 192
 *
 *   <30>1 2026-01-31T12:00:00.000Z host cron 12 ID [x@1 a="b"] job done
 *         │ version   time, host, program, process id, message id, structured data; `-` where there is none
 *
 * Writers may be hostile and are never wrong: what cannot be understood belongs to the text. Nothing here
 * takes more time than the message is long.
 */
import { MAX_LINE_BYTES } from './line-splitter.ts';
import { facilityOf, priorityOf, severityOf } from './priority.ts';

export interface SyslogMessage {
  readonly priority: number;
  /** What the program calls itself, printable ASCII; absent where it does not say. */
  readonly tag?: string;
  readonly pid?: string;
  readonly text: string;
}

const KERN = 0;
const USER = 1;
const NOTICE = 5;
const MAX_PRIORITY = 191;
const MAX_TAG = 48;

const PRIORITY = /^<(\d{1,3})>/;
/** RFC 3164 §4.1.2, and the times of RFC 3339 that some programs write in its place. */
const TIME =
  /^(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?) /;
const TAG = /^([!-9;=?-Z\\^-~]{1,48})(?:\[(\d{1,10})\])?:(?: |$)/;
/** After the version: time, host, program, process id and message id. */
const HEADER_5424 = /^1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /;
const NIL = '-';

export function parseSyslog(bytes: Uint8Array): SyslogMessage {
  const whole = trimEnd(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  const [head = '', digits = ''] = PRIORITY.exec(whole) ?? [];
  const priority = Number(digits);
  // Not understood, so that the text begins with it.
  if (head === '' || priority > MAX_PRIORITY) {
    return { priority: priorityOf(USER, NOTICE), ...parseLegacy(whole) };
  }
  const rest = whole.slice(head.length);
  return { priority: fromProgram(priority), ...(parse5424(rest) ?? parseLegacy(rest)) };
}

/** `cron[12]: job done`: what is written to logs, the tag on each line. A line that is too long goes on as another. */
export function syslogLines({ tag, pid, text }: SyslogMessage): string[] {
  const id = pid === undefined ? '' : `[${pid}]`;
  const head = tag === undefined ? '' : `${tag}${id}: `;
  return text.split('\n').flatMap((line) => cut(`${head}${line}`));
}

function cut(line: string): string[] {
  const count = Math.max(1, Math.ceil(line.length / MAX_LINE_BYTES));
  return Array.from({ length: count }, (_, index) =>
    line.slice(index * MAX_LINE_BYTES, (index + 1) * MAX_LINE_BYTES),
  );
}

/** Only the kernel speaks for the kernel. */
function fromProgram(priority: number): number {
  return facilityOf(priority) === KERN ? priorityOf(USER, severityOf(priority)) : priority;
}

type Content = Omit<SyslogMessage, 'priority'>;

function parseLegacy(message: string): Content {
  const text = message.replace(TIME, '');
  const [head, tag, pid] = TAG.exec(text) ?? [];
  if (head === undefined || tag === undefined) return { text };
  return { tag, ...(pid === undefined ? {} : { pid }), text: text.slice(head.length) };
}

function parse5424(message: string): Content | undefined {
  const [head, , , app = NIL, pid = NIL] = HEADER_5424.exec(message) ?? [];
  if (head === undefined) return undefined;
  const end = endOfStructuredData(message, head.length);
  if (end === undefined) return undefined;
  // One space stands between, and a byte order mark may say that this is UTF-8.
  const text = message.slice(end).replace(/^ \uFEFF?/, '');
  const tag = app === NIL ? undefined : printableTag(app);
  if (tag === undefined) return { text };
  return /^\d{1,10}$/.test(pid) ? { tag, pid, text } : { tag, text };
}

/** Where the structured data that begins at `at` ends; `undefined` when it is none. */
function endOfStructuredData(message: string, at: number): number | undefined {
  if (message[at] === NIL) return isEnd(message[at + 1]) ? at + 1 : undefined;
  let end = at;
  while (message[end] === '[') {
    const close = endOfElement(message, end + 1);
    if (close === undefined) return undefined;
    end = close + 1;
  }
  return end > at && isEnd(message[end]) ? end : undefined;
}

function isEnd(character: string | undefined): boolean {
  return character === undefined || character === ' ';
}

/** The `]` that closes an element: not one within the quotes of a value. */
function endOfElement(message: string, from: number): number | undefined {
  let quoted = false;
  for (let at = from; at < message.length; at += 1) {
    const character = message[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === ']') return at;
  }
  return undefined;
}

function printableTag(app: string): string | undefined {
  const tag = app.replace(/[^!-~]/g, '').slice(0, MAX_TAG);
  return tag === '' ? undefined : tag;
}

/** Programs end a message with a newline or a NUL, or with neither. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\0')) end -= 1;
  return text.slice(0, end);
}
