/**
 * Words of mount(8) → what mount(2) wants. Pure.
 */
import {
  MS_BIND,
  MS_DIRSYNC,
  MS_NOATIME,
  MS_NODEV,
  MS_NODIRATIME,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_RELATIME,
  MS_REMOUNT,
  MS_SHARED,
  MS_SLAVE,
  MS_STRICTATIME,
  MS_SYNCHRONOUS,
  MS_UNBINDABLE,
} from '../mount-flags.ts';

export interface MountOptions {
  readonly flags: number;
  /** What is left for the filesystem itself. */
  readonly data: string;
  /** Propagations, each a mount(2) of its own after the first. */
  readonly propagation: readonly number[];
}

const SET: Readonly<Record<string, number>> = {
  ro: MS_RDONLY,
  nosuid: MS_NOSUID,
  nodev: MS_NODEV,
  noexec: MS_NOEXEC,
  sync: MS_SYNCHRONOUS,
  remount: MS_REMOUNT,
  dirsync: MS_DIRSYNC,
  noatime: MS_NOATIME,
  nodiratime: MS_NODIRATIME,
  relatime: MS_RELATIME,
  strictatime: MS_STRICTATIME,
  bind: MS_BIND,
  rbind: MS_BIND | MS_REC,
  defaults: 0,
};

const CLEAR: Readonly<Record<string, number>> = {
  rw: MS_RDONLY,
  suid: MS_NOSUID,
  dev: MS_NODEV,
  exec: MS_NOEXEC,
  async: MS_SYNCHRONOUS,
  atime: MS_NOATIME,
  diratime: MS_NODIRATIME,
  norelatime: MS_RELATIME,
  nostrictatime: MS_STRICTATIME,
};

const PROPAGATION: Readonly<Record<string, number>> = {
  private: MS_PRIVATE,
  shared: MS_SHARED,
  slave: MS_SLAVE,
  unbindable: MS_UNBINDABLE,
};

/** A later word counts more than an earlier one. */
export function parseMountOptions(words: readonly string[]): MountOptions {
  let flags = 0;
  const data: string[] = [];
  const propagation: number[] = [];
  for (const word of words) {
    const spread = PROPAGATION[word];
    const spreadAll = word.startsWith('r') ? PROPAGATION[word.slice(1)] : undefined;
    if (spread !== undefined) propagation.push(spread);
    else if (spreadAll !== undefined) propagation.push(spreadAll | MS_REC);
    else if (SET[word] !== undefined) flags |= SET[word];
    else if (CLEAR[word] !== undefined) flags &= ~CLEAR[word];
    else data.push(word);
  }
  return { flags, data: data.join(','), propagation };
}
