/**
 * The `files` of a configuration → nodes for the root's tree. Files of the host are read only through
 * the reader that is handed in.
 *
 * Directories above a file are made as 0755 root where the root has none, and left alone where it has
 * one. (LinuxKit gives them the file's mode and owner, existing ones included: a file `etc/x` with the
 * default mode makes /etc unreadable for everybody but root.)
 */
import { withoutHashes } from '../../supervisor/console/password-hash.ts';
import { joinPath, parentPath } from '../rootfs/path.ts';
import { resolvePath } from '../rootfs/resolve.ts';
import type { FileData, NodeMeta, Tree, TreeNode } from '../rootfs/tree.ts';
import { containerIds, resolveId } from './container-ids.ts';
import { type Diagnostic, type DiagnosticCode, sortDiagnostics } from './diagnostics.ts';
import type { FileConfig } from './file-schema.ts';
import type { Places } from './places.ts';
import type { ImageConfigFile } from './schema.ts';

export interface FilesContext {
  /** The root as it is without `files`; it is not changed. */
  readonly root: Tree;
  /**
   * A file of the host, `undefined` when there is none by that name. The path is as the YAML has it,
   * `~/` included. It may throw when the file cannot be read.
   */
  readSource(path: string): Promise<FileData | undefined>;
  /** What `metadata: yaml` stores, without hashes of passwords: any container may get that file. */
  readonly yaml: string;
  /** Given to everything that is made, in seconds since the epoch. */
  readonly mtime: number;
}

export interface CompiledFiles {
  /** Only what `files` adds or replaces, symbolic links among the directories of `root` followed. */
  readonly tree: Tree;
  /** `root` with that laid over it. */
  readonly root: Tree;
  readonly diagnostics: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

/** Entries are made in the order of the file; a later one replaces an earlier one of the same path. */
export async function compileFiles(
  config: ImageConfigFile,
  places: Places,
  context: FilesContext,
): Promise<CompiledFiles> {
  const ids = containerIds(config);
  const target: Target = { whole: new Map(context.root), added: new Map(), mtime: context.mtime };
  const diagnostics: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const [index, file] of config.files.entries()) {
    const meta: NodeMeta = {
      mode: file.mode,
      uid: resolveId(file.uid, ids),
      gid: resolveId(file.gid, ids),
      mtime: context.mtime,
    };
    const node = await makeNode(file, meta, context);
    if (node === 'left-out') continue;
    if (!('key' in node) && closes(target.whole, file.path, node)) {
      const message = `"/${file.path}" can no longer be entered by everybody: say "mode: '0755'"`;
      const where = places.value(['files', index, 'path']);
      warnings.push({ code: 'closed-directory', severity: 'warning', message, ...where });
    }
    const failure = 'key' in node ? node : place(target, file.path, node);
    if (failure === undefined) continue;
    const { code, key, message } = failure;
    diagnostics.push({ code, message, ...places.value(['files', index, key]) });
  }
  return {
    tree: target.added,
    root: target.whole,
    diagnostics: sortDiagnostics(diagnostics),
    warnings: sortDiagnostics(warnings),
  };
}

/** The default mode of a directory is 0700, also for one like /etc that is there and open. */
function closes(whole: Tree, wanted: string, node: TreeNode): boolean {
  const existing = whole.get(resolvePath(whole, wanted) ?? wanted);
  const others = 0o005;
  if (existing?.type !== 'directory' || node.type !== 'directory') return false;
  return (existing.mode & others & ~node.mode) !== 0;
}

interface Failure {
  readonly code: DiagnosticCode;
  /** The key of the entry that is to blame. */
  readonly key: keyof FileConfig | 'source';
  readonly message: string;
}

async function makeNode(
  file: FileConfig,
  meta: NodeMeta,
  context: FilesContext,
): Promise<TreeNode | Failure | 'left-out'> {
  const { content } = file;
  switch (content.kind) {
    case 'directory':
      return { ...meta, type: 'directory' };
    case 'symlink':
      // Linux ignores a link's own mode and shows 0777.
      return { ...meta, mode: 0o777, type: 'symlink', target: content.target };
    case 'text':
      return { ...meta, type: 'file', data: textData(content.text) };
    case 'yaml':
      return { ...meta, type: 'file', data: textData(withoutHashes(context.yaml)) };
    case 'source': {
      const data = await readSource(content.path, context);
      if (data !== undefined) return 'key' in data ? data : { ...meta, type: 'file', data };
      if (content.optional) return 'left-out';
      return sourceFailure(`there is no file "${content.path}"`);
    }
  }
}

async function readSource(
  path: string,
  context: FilesContext,
): Promise<FileData | Failure | undefined> {
  try {
    return await context.readSource(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return sourceFailure(`cannot read "${path}": ${why}`);
  }
}

function sourceFailure(message: string): Failure {
  return { code: 'missing-source', key: 'source', message };
}

interface Target {
  /** The root with everything added so far: where links lead and which directories exist. */
  readonly whole: Tree;
  readonly added: Tree;
  readonly mtime: number;
}

function place(target: Target, wanted: string, node: TreeNode): Failure | undefined {
  const conflict = (message: string): Failure => ({ code: 'path-conflict', key: 'path', message });
  const path = resolvePath(target.whole, wanted);
  if (path === undefined) return conflict(`"${wanted}" passes a loop of symbolic links`);
  const blocked = makeParents(target, path);
  if (blocked !== undefined) return conflict(`"${blocked}" is a file, not a directory`);
  const existing = target.whole.get(path)?.type;
  if (existing === 'directory' && node.type !== 'directory') {
    return conflict(`"${path}" is already a directory`);
  }
  if (existing !== undefined && existing !== 'directory' && node.type === 'directory') {
    return conflict(`"${path}" is already there and no directory`);
  }
  add(target, path, node);
  return undefined;
}

/** Makes the directories above `path`; returns the one that cannot be made because a file is there. */
function makeParents(target: Target, path: string): string | undefined {
  let directory = '';
  for (const part of parentPath(path).split('/')) {
    if (part === '') continue;
    directory = joinPath(directory, part);
    const existing = target.whole.get(directory);
    if (existing === undefined) {
      const meta: NodeMeta = { mode: 0o755, uid: 0, gid: 0, mtime: target.mtime };
      add(target, directory, { ...meta, type: 'directory' });
    } else if (existing.type !== 'directory') {
      return directory;
    }
  }
  return undefined;
}

function add({ whole, added }: Target, path: string, node: TreeNode): void {
  whole.set(path, node);
  added.set(path, node);
}

function textData(text: string): FileData {
  return { kind: 'bytes', bytes: new TextEncoder().encode(text) };
}
