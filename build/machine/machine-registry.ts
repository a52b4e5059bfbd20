/**
 * All machines of this user, one directory each. A name belongs to whoever has made its directory; a
 * machine whose keeper is gone has ended, whatever its record says. Claims and removals hold a lock, so
 * that nobody takes a name from its new owner.
 */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { closest } from '../../supervisor/view/closest.ts';
import { withFileLock } from '../file-lock.ts';
import { MachineError } from './machine-error.ts';
import { freeName } from './machine-name.ts';
import { fitsSockets, machinesDir } from './machine-paths.ts';
import {
  type MachineEnd,
  type MachineRecord,
  parseRecord,
  renderRecord,
} from './machine-record.ts';
import { isAlive } from './process-identity.ts';
import { isRemote } from './ssh-tunnel.ts';

export interface Machine {
  readonly record: MachineRecord;
  readonly state: 'starting' | 'running' | 'ended';
  /** When it has ended. */
  readonly end?: MachineEnd;
}

const RECORD = 'machine.json';
/** Ended machines that are remembered, for `ps --all` and their console logs. */
const KEPT = 10;

/** Every machine, by name. */
export async function listMachines(dir: string = machinesDir()): Promise<readonly Machine[]> {
  const names = await readdir(dir).catch(() => []);
  const machines = await Promise.all(
    names.toSorted(byName).map((name) => readMachine(join(dir, name))),
  );
  return machines.filter((machine) => machine !== undefined);
}

function byName(left: string, right: string): number {
  return left.localeCompare(right);
}

/** Throws `MachineError` `unknown`, with the name that was probably meant. */
export async function findMachine(name: string, dir: string = machinesDir()): Promise<Machine> {
  const machines = await listMachines(dir);
  const found = machines.find(({ record }) => record.name === name);
  if (found !== undefined) return found;
  if (isRemote(name)) {
    throw new MachineError(
      'unknown',
      `"${name}" is no machine of this computer, as this needs one`,
    );
  }
  const names = machines.map(({ record }) => record.name);
  const meant = closest(name, names);
  const advice =
    meant !== undefined
      ? `did you mean "${meant}"?`
      : names.length === 0
        ? 'there is none ("ishmael run --detach" starts one)'
        : '"ishmael ps" lists them';
  throw new MachineError('unknown', `No machine is called "${name}": ${advice}`);
}

/** Throws `MachineError` `ended` for one that does not run, with how it ended. */
export async function findRunning(name: string): Promise<MachineRecord> {
  const { record, state, end } = await findMachine(name);
  if (state !== 'ended') return record;
  const log = `its console log: ${record.consoleLog}`;
  throw new MachineError('ended', `Machine "${name}" has ended: ${end?.text ?? 'lost'}; ${log}`);
}

export interface Claim extends Omit<MachineRecord, 'version' | 'name' | 'sockets' | 'consoleLog'> {
  /** Wanted as it is; without it the image's name, numbered when it is taken. */
  readonly name?: string;
}

/** Takes a name. Throws `MachineError` `name-taken`. Ended machines give way, the oldest first. */
export async function claimMachine(
  claim: Claim,
  dir: string = machinesDir(),
): Promise<MachineRecord> {
  // Whoever opens a socket in there is the machine's root.
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return withFileLock(join(dir, '.lock'), async () => {
    const machines = await listMachines(dir);
    const running = machines.filter(({ state }) => state !== 'ended');
    const taken = running.map(({ record }) => record.name);
    const name = claim.name ?? freeName(claim.image, taken);
    if (taken.includes(name)) {
      throw new MachineError('name-taken', `A machine called "${name}" runs already`);
    }
    for (const { record } of outdated(machines, name)) await discard(dir, record);
    const own = join(dir, name);
    // What is there now has no record: a claim that was cut off.
    await rm(own, { recursive: true, force: true });
    await mkdir(own, { mode: 0o700 });
    const sockets = fitsSockets(own) ? own : await mkdtemp(join(tmpdir(), SOCKETS_PREFIX));
    const consoleLog = join(own, 'console.log');
    const record: MachineRecord = { ...claim, version: 1, name, sockets, consoleLog };
    await updateRecord(record, dir);
    return record;
  });
}

/** Writes a record anew, whole or not at all. */
export async function updateRecord(
  record: MachineRecord,
  dir: string = machinesDir(),
): Promise<void> {
  const path = join(dir, record.name, RECORD);
  await writeFile(`${path}.new`, renderRecord(record));
  await rename(`${path}.new`, path);
}

/** Forgets a machine that has ended; `false` when it runs. Throws `MachineError` `unknown`. */
export async function removeMachine(name: string, dir: string = machinesDir()): Promise<boolean> {
  await findMachine(name, dir);
  return withFileLock(join(dir, '.lock'), async () => {
    const { record, state } = await findMachine(name, dir);
    if (state !== 'ended') return false;
    await discard(dir, record);
    return true;
  });
}

/** Removes a machine whose start has failed: it is nobody's to look at. */
export async function abandonMachine(
  record: MachineRecord,
  dir: string = machinesDir(),
): Promise<void> {
  await withFileLock(join(dir, '.lock'), () => discard(dir, record));
}

const SOCKETS_PREFIX = 'ishmael-vm-';

async function discard(dir: string, { name, sockets }: MachineRecord): Promise<void> {
  const isOurs = dirname(sockets) === tmpdir() && basename(sockets).startsWith(SOCKETS_PREFIX);
  if (isOurs) await rm(sockets, { recursive: true, force: true });
  await rm(join(dir, name), { recursive: true, force: true });
}

/** The one that had the name, and those that ended longest ago. */
function outdated(machines: readonly Machine[], name: string): readonly Machine[] {
  const ended = machines
    .filter(({ state }) => state === 'ended')
    .sort((left, right) => (right.end?.atMs ?? 0) - (left.end?.atMs ?? 0));
  const same = ended.filter(({ record }) => record.name === name);
  const others = ended.filter(({ record }) => record.name !== name);
  return [...same, ...others.slice(KEPT - 1)];
}

async function readMachine(path: string): Promise<Machine | undefined> {
  const text = await readFile(join(path, RECORD), 'utf8').catch(() => '');
  const record = parseRecord(text);
  if (record?.name !== basename(path)) return undefined;
  if (record.end !== undefined) return { record, state: 'ended', end: record.end };
  if (!(await isAlive(record.keeper))) {
    const end = {
      atMs: record.startedAtMs,
      kind: 'failed',
      text: 'its keeper was killed',
    } as const;
    return { record, state: 'ended', end };
  }
  return { record, state: record.qemu === undefined ? 'starting' : 'running' };
}
