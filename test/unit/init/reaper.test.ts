import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { type Reaper, startReaper } from '../../../init/reaper.ts';
import type { Exit } from '../../../sys/exit.ts';
import { FakeSys } from '../../support/fake-sys.ts';

const code = (n: number): Exit => ({ kind: 'exited', code: n });

let sys: FakeSys;
let reaper: Reaper;

beforeEach(async () => {
  process.removeAllListeners('SIGCHLD');
  sys = new FakeSys();
  reaper = startReaper(sys);
  await nextTurn();
});

const die = async (pid: number, exit: Exit): Promise<void> => {
  sys.exited.push({ pid, exit });
  process.emit('SIGCHLD', 'SIGCHLD');
  await nextTurn();
};

it('startReaper() gives a watched child its exit', async () => {
  const exits: Exit[] = [];
  reaper.watch(10, (exit) => exits.push(exit));
  await die(10, code(42));
  expect(exits).toEqual([code(42)]);
  expect(reaper.orphans).toBe(0);
});

it('startReaper() remembers a child that died before anybody watched it', async () => {
  await die(10, code(42));
  const exits: Exit[] = [];
  reaper.watch(10, (exit) => exits.push(exit));
  await nextTurn();
  expect(exits).toEqual([code(42)]);
  expect(reaper.orphans).toBe(0);
});

it('startReaper() never collects a child of libuv', async () => {
  reaper.claimForLibuv(20);
  await die(20, code(0));
  expect(sys.argsOf('collectExited')).toEqual([]);
});

it('startReaper() goes on behind a child of libuv once libuv has collected it', async () => {
  reaper.claimForLibuv(20);
  await die(20, code(0));
  await die(21, code(0));
  sys.exited.shift();
  reaper.releaseLibuvChild(20);
  await nextTurn();
  expect(sys.argsOf('collectExited')).toEqual([[21]]);
  expect(reaper.orphans).toBe(1);
});

it('startReaper() collects a storm of orphans in turns of the loop and loses no watched exit', async () => {
  const exits: Exit[] = [];
  reaper.watch(1500, (exit) => exits.push(exit));
  for (let pid = 100; pid < 2100; pid += 1) sys.exited.push({ pid, exit: code(pid % 7) });
  process.emit('SIGCHLD', 'SIGCHLD');
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  expect(sys.exited.length).toBeGreaterThan(0);
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
  expect(sys.exited.length).toBe(0);
  expect(reaper.orphans).toBe(1999);
  expect(exits).toEqual([code(1500 % 7)]);
});

it('startReaper() calls a watcher once even when its pid is used again', async () => {
  const exits: Exit[] = [];
  reaper.watch(10, (exit) => exits.push(exit));
  await die(10, code(1));
  await die(10, code(2));
  expect(exits).toEqual([code(1)]);
});

it('startReaper() keeps the exit of an inherited container behind a storm of orphans', async () => {
  process.removeAllListeners('SIGCHLD');
  const heir = startReaper(sys, { expected: new Set([10]), collected: new Map() });
  await die(10, code(7));
  for (let pid = 1000; pid < 1100; pid += 1) await die(pid, code(0));
  const exits: Exit[] = [];
  heir.watch(10, (exit) => exits.push(exit));
  await nextTurn();
  expect(exits).toEqual([code(7)]);
  expect(heir.orphans).toBe(100);
});

it('startReaper() passes on what an emergency has collected, once', async () => {
  process.removeAllListeners('SIGCHLD');
  const heir = startReaper(sys, { expected: new Set(), collected: new Map([[10, code(7)]]) });
  const exits: Exit[] = [];
  heir.watch(10, (exit) => exits.push(exit));
  await nextTurn();
  heir.watch(10, (exit) => exits.push(exit));
  await nextTurn();
  expect(exits).toEqual([code(7)]);
});
