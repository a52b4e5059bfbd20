/** Programs of the host that a step needs. What is missing is said at once, with the package that has it. */
import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface HostTool {
  /** Its name, looked for where programs are; or the path of a file that it has to have. */
  readonly command: string;
  /** The Debian package. */
  readonly package: string;
  /** What for: completes "needed to …". */
  readonly why: string;
}

export class MissingToolError extends Error {
  override readonly name = 'MissingToolError';
  readonly tools: readonly HostTool[];

  constructor(tools: readonly HostTool[]) {
    const lines = tools.map(
      (tool) => `${tool.command} (package ${tool.package}), needed to ${tool.why}`,
    );
    const packages = [...new Set(tools.map((tool) => tool.package))].join(' ');
    super(
      `Missing on this machine: ${lines.join('; ')}. Install with: apt-get install ${packages}`,
    );
    this.tools = tools;
  }
}

/** Rejects with one `MissingToolError` that names all missing tools. */
export async function requireTools(tools: readonly HostTool[]): Promise<void> {
  const found = await Promise.all(tools.map((tool) => findTool(tool.command)));
  const missing = tools.filter((_, index) => found[index] === undefined);
  if (missing.length > 0) throw new MissingToolError(missing);
}

/** The path of a program, looked for where a Debian user's PATH may not reach as well. */
export async function findTool(command: string): Promise<string | undefined> {
  if (command.startsWith('/')) return existsSync(command) ? command : undefined;
  for (const directory of toolPath().split(delimiter)) {
    const candidate = join(directory, command);
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      // Not here: look in the next directory.
    }
  }
  return undefined;
}

/** PATH, with the directories of system programs: an ordinary Debian user's PATH has no sbin. */
export function toolPath(): string {
  const own = (process.env['PATH'] ?? '').split(delimiter).filter((part) => part !== '');
  return [...new Set([...own, '/usr/bin', '/bin', '/usr/sbin', '/sbin'])].join(delimiter);
}
