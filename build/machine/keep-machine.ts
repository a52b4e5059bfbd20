/**
 * Keeps one machine from its start to its end: name, record, QEMU as a child, the sockets for commands. The
 * machine ends with the process that calls this (vm.ts), so whoever finds that process gone knows that.
 */
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type MachineRequest, startMachine } from '../run/start-machine.ts';
import type { Vm, VmExit } from '../run/vm.ts';
import { serveMachine } from './keeper-server.ts';
import { MachineError } from './machine-error.ts';
import { socketPaths } from './machine-paths.ts';
import type { MachineEnd, MachineRecord } from './machine-record.ts';
import { abandonMachine, claimMachine, updateRecord } from './machine-registry.ts';
import { identify } from './process-identity.ts';

export interface KeepRequest {
  /** The machine's name; without it the image's, numbered when it is taken. */
  readonly name?: string;
  readonly machine: Omit<MachineRequest, 'consoleLog' | 'socketDir'>;
}

export interface KeptMachine {
  readonly record: MachineRecord;
  readonly vm: Vm;
  /** Resolves when it has ended and that is written down. */
  readonly ended: Promise<MachineEnd>;
  /** Ends QEMU at once. */
  kill(): Promise<void>;
}

/** Throws `MachineError`, `VmError` or `MissingToolError`; then nothing of the machine is left. */
export async function keepMachine(
  { name, machine }: KeepRequest,
  note: (text: string) => void,
): Promise<KeptMachine> {
  const keeper = await identify(process.pid);
  if (keeper === undefined)
    throw new MachineError('not-started', 'Cannot read /proc: is it mounted?');
  const claimed = await claimMachine({
    ...(name === undefined ? {} : { name }),
    image: machine.name,
    dir: machine.dir,
    memoryMiB: machine.memoryMiB,
    cpus: machine.cpus,
    keeper,
    startedAtMs: Date.now(),
  });
  try {
    return await start(claimed, machine, note);
  } catch (error) {
    await abandonMachine(claimed);
    throw error;
  }
}

async function start(
  claimed: MachineRecord,
  machine: KeepRequest['machine'],
  note: (text: string) => void,
): Promise<KeptMachine> {
  const { consoleLog, sockets } = claimed;
  const vm = await startMachine({ ...machine, consoleLog, socketDir: sockets }, note);
  let isKilled = false;
  const kill = async (): Promise<void> => {
    isKilled = true;
    await vm.kill();
  };
  try {
    await isStable(vm);
    const paths = socketPaths(sockets);
    const orders = { kill, pressPowerButton: () => vm.pressPowerButton() };
    const server = await serveMachine(vm, orders, paths);
    const record = { ...claimed, qemu: { pid: vm.pid, ports: vm.forwards } };
    await updateRecord(record);
    const ended = (async (): Promise<MachineEnd> => {
      const exit = await vm.waitForExit();
      server.close();
      await Promise.all([paths.api, paths.console].map((path) => rm(path, { force: true })));
      const end = { atMs: Date.now(), ...howItEnded(exit, isKilled) };
      await updateRecord({ ...record, end });
      return end;
    })();
    return { record, vm, ended, kill };
  } catch (error) {
    await vm.kill();
    throw error;
  }
}

/** QEMU finds what it cannot do (a port that is taken, memory that is not there) after it has begun to listen. */
const SETTLING_MS = 150;

async function isStable(vm: Vm): Promise<void> {
  const exit = await Promise.race([vm.waitForExit(), delay(SETTLING_MS)]);
  if (exit === undefined) return;
  const { text } = howItEnded(exit, false);
  throw new MachineError('not-started', `The machine ended as soon as it was started: ${text}`);
}

function howItEnded(
  { code, signal, stderr }: VmExit,
  isKilled: boolean,
): Pick<MachineEnd, 'kind' | 'text'> {
  if (isKilled) return { kind: 'killed', text: 'killed' };
  if (code === 0) return { kind: 'off', text: 'powered off' };
  const said = stderr === '' ? '' : `: ${stderr}`;
  return { kind: 'failed', text: `QEMU ended with ${signal ?? `exit code ${code}`}${said}` };
}
