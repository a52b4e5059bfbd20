/**
 * Reads the runtime's log: one JSON object a line, from `--log-format json`. Pure.
 *
 *   runc (logrus):   {"level":"error","msg":"runc create failed: …","time":"2026-11-22T03:20:10Z"}
 *   crun (error.c):  {"msg":"error loading config.json","level":"error","time":"2026-…Z"}
 */

/**
 * The last error's text, or, when there is none, the last line of any level: a runtime that was killed
 * half-way has often warned before. `undefined` when the log says nothing. A line that is not JSON is
 * taken as it is: a Go panic, or the dynamic linker, knows nothing of log formats.
 */
export function lastErrorText(log: string): string | undefined {
  const entries = log.split('\n').flatMap(parseLine);
  const errors = entries.filter(({ level }) => level === 'error' || level === 'fatal');
  return (errors.at(-1) ?? entries.at(-1))?.text;
}

interface LogEntry {
  readonly level: string;
  readonly text: string;
}

function parseLine(line: string): LogEntry[] {
  if (line.trim() === '') return [];
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && 'msg' in value) {
      const level = 'level' in value ? String(value.level) : '';
      return [{ level, text: String(value.msg) }];
    }
  } catch {
    // Not JSON: the plain line is the best there is.
  }
  return [{ level: '', text: line.trim() }];
}
