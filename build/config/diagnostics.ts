/**
 * What is wrong with a configuration file, and how a person is told. Checks collect diagnostics and
 * never throw for bad input; programs and tests branch on `code`, never on `message`.
 */
import { splitLines } from './line-index.ts';

/** Every kind of problem. Stable: a code may be added, but not renamed. */
export const DIAGNOSTIC_CODES = [
  'yaml-syntax', // the text is no YAML
  'yaml-alias', // *alias without &anchor, an anchor inside itself, << without a map
  'duplicate-key',
  'empty-file',
  'unknown-key',
  'missing-key',
  'wrong-type',
  'invalid-value', // right type, but outside what the key allows
  'unknown-value', // not one of a closed list of words
  'unknown-capability',
  'bad-bind',
  'bad-tmpfs',
  'bad-mount',
  'bad-rlimit',
  'bad-label', // the image's label org.mobyproject.config
  'bad-duration',
  'bad-rate', // not so many lines in so much time
  'bad-size', // neither a number of bytes nor a size such as 64M
  'cgroup-v1', // a limit that only cgroup v1 has
  'unknown-signal',
  'unknown-id', // a uid or gid that is neither a number, root nor a container's name
  'unknown-dependency', // a name in dependsOn that nothing here has
  'dependency-cycle', // services that wait for each other
  'duplicate-name',
  'conflict', // keys that exclude each other
  'missing-image', // not in the store
  'no-command', // neither the YAML nor the image says what to run
  'missing-source', // a file of the host that is not there or cannot be read
  'path-conflict', // a file where another entry needs a directory
  'unknown-volume', // a source that is neither a path nor a volume
  'unset-variable', // ${NAME} without a value
  'bad-include', // a file that is not there or includes itself
  'unknown-user', // the image's User is not in its passwd or group
  'needs-namespace', // what works only with a namespace of its own, which the container has not
  'hidden-file', // a warning, as all that follow it here
  'closed-directory', // an entry of files takes away the way into a directory
  'missing-bind-source',
  'ignored-key',
  'shared-port',
  'foreign-console',
] as const;

export type DiagnosticCode = (typeof DIAGNOSTIC_CODES)[number];

/** A stretch of one line. Lines and columns count from 1, columns in UTF-16 units as editors do. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly col: number;
  /** How many columns the culprit has; 1 when it has no natural end on this line. */
  readonly length: number;
}

export interface Diagnostic extends Place {
  readonly code: DiagnosticCode;
  /** Absent: it is an error, and nothing is built. */
  readonly severity?: 'warning';
  /** One sentence without a full stop: what is wrong and, where it helps, what would be right. */
  readonly message: string;
  /** The word the author probably meant. */
  readonly suggestion?: string;
}

/** In the order of the places, each problem once: an anchor used twice repeats what is wrong in it. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return [...diagnostics].sort(comparePlaces).filter((diagnostic) => {
    const { file, line, col, code, message } = diagnostic;
    const identity = JSON.stringify([file, line, col, code, message]);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}

/**
 * For a terminal: `file:line:col: message`, below it the line of the file and a caret under the place.
 * @param sources the text of each file by the name its diagnostics carry
 */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
): string {
  return sortDiagnostics(diagnostics)
    .map((diagnostic) => {
      const { file, line, col } = diagnostic;
      const text = sources.get(file);
      const source = text === undefined ? undefined : splitLines(text)[line - 1];
      const headline = `${printable(`${file}:${line}:${col}: ${withSuggestion(diagnostic)}`)}\n`;
      return source === undefined ? headline : headline + renderExcerpt(diagnostic, source);
    })
    .join('');
}

function withSuggestion({ message, suggestion, severity }: Diagnostic): string {
  const text = severity === undefined ? message : `${severity}: ${message}`;
  return suggestion === undefined ? text : `${text} (did you mean "${suggestion}"?)`;
}

/** What of a very long line is shown, and how much of it stands before the place. */
const EXCERPT_COLUMNS = 160;
const EXCERPT_BEFORE = 60;

function renderExcerpt({ line, col, length }: Place, source: string): string {
  const gutter = String(line).padStart(5);
  const start = source.length <= EXCERPT_COLUMNS ? 0 : Math.max(0, col - 1 - EXCERPT_BEFORE);
  const shown = source.slice(start, start + EXCERPT_COLUMNS);
  // Tabs stay tabs, so that the caret stands under its place whatever the terminal's tab width is.
  const before = shown.slice(0, col - 1 - start).replaceAll(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(length, shown.length - before.length)));
  return `${gutter} | ${printable(shown)}\n${' '.repeat(gutter.length)} | ${before}${carets}\n`;
}

/** A file is not trusted with the terminal: control characters would be obeyed instead of shown. */
function printable(source: string): string {
  return source.replaceAll(/[^\t\P{Cc}]/gu, '\u{fffd}');
}

function comparePlaces(left: Place, right: Place): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.col - right.col;
}
