/**
 * Which sockets others can reach, and whose they are: the kernel's tables name a socket's number, and so do
 * the descriptors of the processes that have it open. On a busy machine that is a lot to look at: it is done
 * in small pieces, bounded, and what was found is good for a second.
 */
import { closeSync, opendirSync, openSync, readlinkSync, readSync } from 'node:fs';
import type { ListeningSocket } from '../control/api-network.ts';
import { cgroupPids } from './inspect.ts';
import { type FoundSocket, parseInetSocket, parseUnixSocket } from './socket-table.ts';
import { createTurnBudget, type TurnBudget } from './turn-budget.ts';
import { readIfThere, unlessGone } from './unless-gone.ts';

export interface SocketOwner {
  readonly id: string;
  /** Below the cgroup2 mount; `undefined` for a process that shares its cgroup with others. */
  readonly cgroup?: string | undefined;
  readonly pid?: number | undefined;
}

const FRESH_MS = 1000;
const CHUNK_BYTES = 64 * 1024;
/** Of one table: about forty thousand sockets. */
const MAX_TABLE_BYTES = 4 * 1024 * 1024;
/** Of one process, and of all. What listens was mostly opened first, and descriptors are counted upwards. */
const MAX_LINKS_EACH = 4096;
const MAX_LINKS = 65_536;

/** A function that tells them; while it is looking, all who ask get the same answer. */
export function createSocketReader(
  owners: () => readonly SocketOwner[],
  nowMs: () => number,
): () => Promise<ListeningSocket[]> {
  let answer: Promise<ListeningSocket[]> | undefined;
  let goodUntilMs = Infinity;
  return () => {
    if (answer === undefined || nowMs() > goodUntilMs) {
      goodUntilMs = Infinity;
      answer = listeningSockets(owners()).finally(() => {
        goodUntilMs = nowMs() + FRESH_MS;
      });
    }
    return answer;
  };
}

interface Process {
  readonly pid: number;
  /** `undefined` for PID 1, which is of no unit. */
  readonly unit?: string;
}

async function listeningSockets(owners: readonly SocketOwner[]): Promise<ListeningSocket[]> {
  const budget = createTurnBudget();
  const processes: Process[] = [];
  for (const { id, cgroup, pid } of owners) {
    const pids = cgroup === undefined ? [pid ?? []].flat() : cgroupPids(cgroup);
    processes.push(...pids.map((each) => ({ pid: each, unit: id })));
    await budget.pause();
  }
  const found: FoundSocket[] = [];
  for (const { pid, unit } of namespacesOf(processes)) {
    const sockets = await readTables(pid, budget);
    const namespace = unit === undefined ? {} : { namespace: unit };
    found.push(
      ...sockets.map(({ inode, socket }) => ({ inode, socket: { ...socket, ...namespace } })),
    );
  }
  const holders = await findHolders([...processes, { pid: process.pid }], found, budget);
  return found.map(({ inode, socket }) => {
    const holder = holders.get(inode);
    if (holder === undefined) return socket;
    const command = readIfThere(`/proc/${holder.pid}/comm`).trim();
    return { ...socket, ...holder, command };
  });
}

/** A process for each network namespace: PID 1 for ours, otherwise the first of a unit that is there. */
function namespacesOf(processes: readonly Process[]): Process[] {
  const linkOf = (pid: number): string | undefined =>
    unlessGone(() => readlinkSync(`/proc/${pid}/ns/net`));
  const byLink = new Map<string | undefined, Process>([
    [linkOf(process.pid), { pid: process.pid }],
  ]);
  const units = new Set<string | undefined>();
  for (const each of processes) {
    // All processes of a unit are in one, as far as we have put them there.
    if (units.has(each.unit)) continue;
    units.add(each.unit);
    const link = linkOf(each.pid);
    if (link !== undefined && !byLink.has(link)) byLink.set(link, each);
  }
  return [...byLink.values()];
}

async function readTables(pid: number, budget: TurnBudget): Promise<FoundSocket[]> {
  const found: FoundSocket[] = [];
  for (const protocol of ['tcp', 'udp'] as const) {
    for (const family of ['', '6']) {
      await readLines(`/proc/${pid}/net/${protocol}${family}`, budget, (line) => {
        const socket = parseInetSocket(line, protocol);
        if (typeof socket === 'object') found.push(socket);
        // The kernel lists those that listen first, and the others may be many (tcp_seek_last_pos).
        return protocol === 'udp' || socket !== 'other';
      });
    }
  }
  await readLines(`/proc/${pid}/net/unix`, budget, (line) => {
    const socket = parseUnixSocket(line);
    if (socket !== undefined) found.push(socket);
    return true;
  });
  return found;
}

/** Calls `onLine` for each line until it has seen enough. */
async function readLines(
  path: string,
  budget: TurnBudget,
  onLine: (line: string) => boolean,
): Promise<void> {
  const fd = unlessGone(() => openSync(path, 'r'));
  if (fd === undefined) return;
  try {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let rest = '';
    for (let bytes = 0; bytes < MAX_TABLE_BYTES;) {
      const length = unlessGone(() => readSync(fd, buffer)) ?? 0;
      if (length === 0) return;
      bytes += length;
      const lines = (rest + buffer.toString('utf8', 0, length)).split('\n');
      rest = lines.pop() ?? '';
      if (!lines.every(onLine)) return;
      await budget.pause();
    }
  } finally {
    closeSync(fd);
  }
}

/** Whose each of these sockets is; without those that nobody of `processes` has open. */
async function findHolders(
  processes: readonly Process[],
  sockets: readonly FoundSocket[],
  budget: TurnBudget,
): Promise<Map<number, Process>> {
  const wanted = new Set(sockets.map(({ inode }) => inode));
  const holders = new Map<number, Process>();
  let links = 0;
  for (const holder of processes) {
    const limit = Math.min(MAX_LINKS_EACH, MAX_LINKS - links);
    for (const inode of socketsOf(holder.pid, limit)) {
      links += 1;
      if (inode !== undefined && wanted.delete(inode)) holders.set(inode, holder);
      if (wanted.size === 0) return holders;
      await budget.pause();
    }
  }
  return holders;
}

const SOCKET_LINK = /^socket:\[(\d+)\]$/;

/** What each of the first descriptors of a process is: the number of a socket, or something else. */
function* socketsOf(pid: number, limit: number): Generator<number | undefined> {
  const directory = unlessGone(() => opendirSync(`/proc/${pid}/fd`, { bufferSize: 256 }));
  if (directory === undefined) return;
  try {
    for (let count = 0; count < limit; count += 1) {
      const entry = unlessGone(() => directory.readSync());
      if (entry === undefined || entry === null) return;
      const link = unlessGone(() => readlinkSync(`/proc/${pid}/fd/${entry.name}`)) ?? '';
      const inode = SOCKET_LINK.exec(link)?.[1];
      yield inode === undefined ? undefined : Number(inode);
    }
  } finally {
    directory.closeSync();
  }
}
