/**
 * Tar archives as trees, in both directions. Reading puts file contents one after another into a data
 * file, so that a tree of any size costs little memory; writing sorts and takes every time and owner
 * from the tree, so that the same tree is the same bytes.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { extract, pack, type Header, type Pack } from 'tar-stream';
import { fileDataSize, readFileData } from '../rootfs/file-data.ts';
import { normalisePath } from '../rootfs/path.ts';
import type { NodeMeta, Tree, TreeNode } from '../rootfs/tree.ts';

/**
 * Reads a tar stream. Contents go to `dataPath` (created), where the tree's `host-range`s point. Rejects
 * with `UnsafePathError` for a name that leaves the root. Whiteouts stay ordinary entries.
 */
export async function readTar(source: Readable, dataPath: string): Promise<Tree> {
  const tree: Tree = new Map();
  const data = await open(dataPath, 'w');
  let offset = 0;
  try {
    const entries = extract();
    const fed = feed(source, entries);
    for await (const entry of entries) {
      const { header } = entry;
      const path = normalisePath(header.name);
      const start = offset;
      for await (const chunk of entry as AsyncIterable<Uint8Array>) {
        await writeAll(data, chunk);
        offset += chunk.byteLength;
      }
      const node = nodeOf(header, { path: dataPath, offset: start, size: offset - start });
      if (node !== undefined) tree.set(path, node);
    }
    await fed;
  } finally {
    await data.close();
  }
  return tree;
}

/** A tree as a tar stream: parents before children, the same bytes for the same tree. */
export function writeTar(tree: Tree): Readable {
  const archive = pack();
  void writeEntries(archive, tree).then(
    () => archive.finalize(),
    (error: unknown) => archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(archive as AsyncIterable<Uint8Array>, { objectMode: false });
}

async function writeEntries(archive: Pack, tree: Tree): Promise<void> {
  // Hard links after everything else: a reader may want their target in place.
  const paths = [...tree.keys()].filter((path) => path !== '').sort();
  const isLink = (path: string): boolean => tree.get(path)?.type === 'hardlink';
  for (const path of [...paths.filter((p) => !isLink(p)), ...paths.filter(isLink)]) {
    const node = tree.get(path);
    if (node === undefined) continue;
    const header = headerOf(path, node);
    const contents = node.type === 'file' ? Buffer.from(await readFileData(node.data)) : undefined;
    await new Promise<void>((resolve, reject) => {
      const done = (error?: Error | null): void => (error ? reject(error) : resolve());
      if (contents === undefined) archive.entry(header, done);
      else archive.entry(header, contents, done);
    });
  }
}

function headerOf(path: string, node: TreeNode): Partial<Header> & Pick<Header, 'name'> {
  const common = {
    name: path,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    mtime: new Date(node.mtime * 1000),
  };
  switch (node.type) {
    case 'file':
      return { ...common, type: 'file', size: fileDataSize(node.data) };
    case 'directory':
    case 'fifo':
      return { ...common, type: node.type };
    case 'symlink':
      return { ...common, type: 'symlink', linkname: node.target };
    case 'hardlink':
      return { ...common, type: 'link', linkname: node.target };
    case 'character-device':
    case 'block-device':
      return { ...common, type: node.type, devmajor: node.major, devminor: node.minor };
  }
}

interface Range {
  readonly path: string;
  readonly offset: number;
  readonly size: number;
}

function nodeOf(header: Header, range: Range): TreeNode | undefined {
  const meta: NodeMeta = {
    mode: header.mode & 0o7777,
    uid: header.uid,
    gid: header.gid,
    mtime: Math.floor(header.mtime.getTime() / 1000),
  };
  switch (header.type) {
    case 'file':
    case 'contiguous-file':
      return { ...meta, type: 'file', data: { kind: 'host-range', ...range } };
    case 'directory':
    case 'fifo':
      return { ...meta, type: header.type };
    case 'symlink':
      return { ...meta, type: 'symlink', target: header.linkname };
    case 'link':
      return { ...meta, type: 'hardlink', target: normalisePath(header.linkname) };
    case 'character-device':
    case 'block-device':
      return {
        ...meta,
        type: header.type,
        major: header.devmajor,
        minor: header.devminor,
      };
    default:
      // Extended headers are consumed by tar-stream; anything else is no file of a root filesystem.
      return undefined;
  }
}

/** Everything of a stream into the reader, at the reader's pace; a failing source fails the reader. */
async function feed(source: Readable, entries: ReturnType<typeof extract>): Promise<void> {
  let wake: () => void = () => undefined;
  entries.on('drain', () => wake());
  entries.on('close', () => wake());
  try {
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      if (entries.write(chunk)) continue;
      // The reader may have given up already, and then nothing would wake us.
      if (!entries.destroyed) await new Promise<void>((resolve) => (wake = resolve));
      // Leaving this loop closes the source.
      if (entries.destroyed) return;
    }
    entries.end(undefined);
  } catch (error) {
    entries.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.byteLength;) {
    written += (await file.write(bytes, written)).bytesWritten;
  }
}
