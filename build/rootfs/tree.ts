/**
 * A file tree in memory: what a root filesystem will hold, with owners, modes and times as plain data.
 * Paths are relative, `/`-separated, without `.`, `..` or an empty part; the root itself is ''.
 */
export interface NodeMeta {
  /** Permission bits including setuid, setgid and sticky; without the file type. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  /** Extended attributes by name (`security.capability`, …), values in base64. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

export type TreeNode = NodeMeta &
  (
    | { readonly type: 'file'; readonly data: FileData }
    | { readonly type: 'directory' }
    | { readonly type: 'symlink'; readonly target: string }
    | { readonly type: 'hardlink'; readonly target: string }
    | {
        readonly type: 'character-device' | 'block-device';
        readonly major: number;
        readonly minor: number;
      }
    | { readonly type: 'fifo' }
  );

/** Contents in memory, or a file on the host (or a part of one) that is read when the archive is written. */
export type FileData =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'host-file'; readonly path: string; readonly size: number }
  | {
      readonly kind: 'host-range';
      readonly path: string;
      readonly offset: number;
      readonly size: number;
    };

/** Path → node. Iteration order is of no meaning; writers sort. */
export type Tree = Map<string, TreeNode>;
