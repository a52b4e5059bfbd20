/**
 * Reads the running machine out of /proc, /sys and the cgroup files. Everything here may vanish while
 * it is being read: a process that is gone is left out, not an error.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { parseMountinfo } from '../../sys/mount/mountinfo.ts';
import type { InitInfo, MountInfo, ProcessInfo } from '../control/api.ts';
import { kibibytes, parseStatus, processInfo } from './proc-status.ts';
import { readIfThere, unlessGone } from './unless-gone.ts';

/** The processes of a cgroup, its own and those of cgroups below it. */
export function cgroupProcesses(cgroupsPath: string): ProcessInfo[] {
  return cgroupPids(cgroupsPath).flatMap((pid) => {
    const info = unlessGone(() =>
      processInfo(pid, readFileSync(`/proc/${pid}/status`, 'utf8'), namespaceLinks(pid)),
    );
    return info === undefined ? [] : [info];
  });
}

export function processMounts(pid: number): MountInfo[] {
  const text = unlessGone(() => readFileSync(`/proc/${pid}/mountinfo`, 'utf8')) ?? '';
  return parseMountinfo(text);
}

export function initProcess(): InitInfo {
  const status = parseStatus(readFileSync('/proc/self/status', 'utf8'));
  return {
    rssAnonKiB: kibibytes(status, 'RssAnon'),
    rssFileKiB: kibibytes(status, 'RssFile') + kibibytes(status, 'RssShmem'),
    threads: Number(status.get('Threads') ?? 0),
    netNamespace: readlinkSync('/proc/self/ns/net'),
  };
}

/** Counts all processes by looking at each state; Z is a zombie (proc_pid_stat(5)). */
export function processCounts(): { total: number; zombies: number } {
  let total = 0;
  let zombies = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = unlessGone(() => readFileSync(`/proc/${name}/stat`, 'utf8'));
    if (stat === undefined) continue;
    total += 1;
    // The state follows the command, which stands in parentheses and may hold any character.
    if (stat.charAt(stat.lastIndexOf(')') + 2) === 'Z') zombies += 1;
  }
  return { total, zombies };
}

/** The pids in a cgroup below the cgroup2 mount, and in those below it. */
export function cgroupPids(cgroupsPath: string): number[] {
  const directory = `/sys/fs/cgroup${cgroupsPath}`;
  const below = (unlessGone(() => readdirSync(directory, { withFileTypes: true })) ?? [])
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => cgroupPids(`${cgroupsPath}/${entry.name}`));
  const own = readIfThere(`${directory}/cgroup.procs`);
  return [...own.split('\n').filter(Boolean).map(Number), ...below];
}

function namespaceLinks(pid: number): Record<string, string> {
  const directory = `/proc/${pid}/ns`;
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readlinkSync(`${directory}/${name}`)]),
  );
}
