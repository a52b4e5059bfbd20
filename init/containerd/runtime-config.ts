/**
 * LinuxKit's /etc/containerd/runtime-config.toml: how containerd is started. A flat file of three keys with texts;
 * whatever else is in it is told, and passed over.
 */

export interface ContainerdStart {
  /** More arguments for containerd. */
  readonly cliopts: readonly string[];
  /** Files that it writes to, appended to. Absent: its log is a unit's. */
  readonly stdout?: string;
  readonly stderr?: string;
  /** What was not understood, line by line. */
  readonly problems: readonly string[];
}

const LINE = /^(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*(?:#.*)?$/;

export function parseRuntimeConfig(text: string): ContainerdStart {
  const found = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [, key = '', basic, literal] = LINE.exec(trimmed) ?? [];
    if (['cliopts', 'stdout', 'stderr'].includes(key)) found.set(key, literal ?? unescaped(basic));
    else problems.push(`line ${index + 1} is not understood: ${trimmed}`);
  }
  const [stdout, stderr] = [found.get('stdout'), found.get('stderr')];
  return {
    cliopts: (found.get('cliopts') ?? '').split(/\s+/).filter((word) => word !== ''),
    ...(stdout === undefined || stdout === '' ? {} : { stdout }),
    ...(stderr === undefined || stderr === '' ? {} : { stderr }),
    problems,
  };
}

/** Of TOML's escapes those that a path or an option has. */
function unescaped(text = ''): string {
  return text.replaceAll(/\\(["\\])/g, '$1');
}
