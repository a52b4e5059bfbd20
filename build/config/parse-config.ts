/**
 * A configuration file's text → a checked configuration, or every problem it has. Pure: needs no image
 * and reads no file; what only images can tell is resolve-images.ts.
 */
import { type Diagnostic, sortDiagnostics } from './diagnostics.ts';
import { explainIssue } from './explain-issue.ts';
import type { Places } from './places.ts';
import { readYaml } from './read-yaml.ts';
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
 * Never throws for what the text holds.
 * @param file the name that diagnostics carry
 */
export function parseConfig(file: string, text: string): ParsedConfig {
  const { value, places, diagnostics: notation } = readYaml(file, text);
  if (value === undefined) return { value, places, diagnostics: sortDiagnostics(notation) };
  const checked = imageConfigSchema.safeParse(value);
  const issues = checked.error?.issues ?? [];
  const diagnostics = [...notation, ...issues.flatMap((i) => explainIssue(i, value, places))];
  if (!checked.success || diagnostics.length > 0) {
    return { value, places, diagnostics: sortDiagnostics(diagnostics) };
  }
  return { config: checked.data, value, places, diagnostics: [] };
}
