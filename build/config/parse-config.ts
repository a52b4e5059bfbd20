/**
 * A configuration file's text → a checked configuration, or every problem it has. Pure: needs no image
 * and reads no file; what only images can tell is resolve-images.ts.
 */
import { type Diagnostic, sortDiagnostics } from './diagnostics.ts';
import { explainIssue } from './explain-issue.ts';
import type { Places } from './places.ts';
import { readYaml, type YamlReading } from './read-yaml.ts';
import { type ImageConfigFile, imageConfigSchema } from './schema.ts';

export interface ParsedConfig {
  /** Absent exactly when there are diagnostics. */
  readonly config?: ImageConfigFile;
  /** What the file holds as plain data, also when it is no valid configuration. */
  readonly value: unknown;
  /** Where the parts of the file stand, for the checks that come later. */
  readonly places: Places;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Never throws for what the text holds. One file by itself: nothing is included or substituted.
 * @param file the name that diagnostics carry
 */
export function parseConfig(file: string, text: string): ParsedConfig {
  return checkConfig(readYaml(file, text));
}

/** The same for what `readSources` or `readYaml` has read. */
export function checkConfig({ value, places, diagnostics: notation }: YamlReading): ParsedConfig {
  if (value === undefined) return { value, places, diagnostics: sortDiagnostics(notation) };
  const checked = imageConfigSchema.safeParse(value);
  const issues = checked.error?.issues ?? [];
  const explained = issues.flatMap((issue) => explainIssue(issue, value, places));
  const diagnostics = [...notation, ...explained.filter((found) => !isEcho(found, notation))];
  if (!checked.success || diagnostics.length > 0) {
    return { value, places, diagnostics: sortDiagnostics(diagnostics) };
  }
  return { config: checked.data, value, places, diagnostics: [] };
}

/** A text whose variable has no value is no valid value either, and the author knows that by then. */
function isEcho({ file, line, col }: Diagnostic, notation: readonly Diagnostic[]): boolean {
  return notation.some(
    (unset) =>
      unset.code === 'unset-variable' &&
      unset.file === file &&
      unset.line === line &&
      unset.col === col,
  );
}
