/**
 * One entry of `files`: a file, directory or symbolic link to put into the image.
 */
import { z } from 'zod';

import { problem } from './problem.ts';
import { fileMode, filledText, treePath, userId } from './values.ts';

/** A file as the YAML has it, defaults filled in. `path` is relative, as `Tree` wants it. */
export interface FileConfig {
  readonly path: string;
  readonly content: FileContent;
  readonly mode: number;
  readonly uid: number | string;
  readonly gid: number | string;
}

export type FileContent =
  | { readonly kind: 'directory' }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'text'; readonly text: string }
  /** A file of the machine that builds; when it is not there, an optional one is left out. */
  | { readonly kind: 'source'; readonly path: string; readonly optional: boolean }
  /** The text of the configuration itself. */
  | { readonly kind: 'yaml' };

const DEFAULT_FILE_MODE = 0o600;
const DEFAULT_DIRECTORY_MODE = 0o700;

/** The keys that say what an entry is. Exactly one of them belongs to each. */
const KINDS = ['directory', 'symlink', 'contents', 'source', 'metadata'] as const;

const rawFile = z.strictObject({
  path: treePath,
  directory: z.boolean().default(false),
  symlink: filledText.exactOptional(),
  contents: z.string().exactOptional(),
  source: filledText.exactOptional(),
  metadata: z.enum(['yaml']).exactOptional(),
  optional: z.boolean().default(false),
  mode: fileMode.exactOptional(),
  uid: userId.default(0),
  gid: userId.default(0),
});

export const fileSchema: z.ZodType<FileConfig> = rawFile
  .superRefine(
    (file, context) => {
      const given = KINDS.filter((kind) => file[kind] !== undefined && file[kind] !== false);
      if (given.length === 0) {
        const message = `one of ${KINDS.join(', ')} must say what it is`;
        context.addIssue(problem({ code: 'missing-key', message }));
      }
      for (const kind of given.slice(1)) {
        const message = `"${kind}" cannot go together with "${given[0]}"`;
        context.addIssue(problem({ code: 'conflict', message, path: [kind], at: 'key' }));
      }
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  )
  .transform((file) => ({
    path: file.path,
    content: contentOf(file),
    mode: file.mode ?? (file.directory ? DEFAULT_DIRECTORY_MODE : DEFAULT_FILE_MODE),
    uid: file.uid,
    gid: file.gid,
  }));

function contentOf(file: z.output<typeof rawFile>): FileContent {
  if (file.directory) return { kind: 'directory' };
  if (file.symlink !== undefined) return { kind: 'symlink', target: file.symlink };
  if (file.source !== undefined) {
    return { kind: 'source', path: file.source, optional: file.optional };
  }
  if (file.metadata !== undefined) return { kind: file.metadata };
  return { kind: 'text', text: file.contents ?? '' };
}
