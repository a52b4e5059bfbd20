/**
 * Programs in /etc/init.d and /etc/shutdown.d of a LinuxKit image as units: tasks in their place among the others,
 * each with its log. What a script leaves running goes on, as under LinuxKit's rc.
 */
import { lstatSync, mkdirSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { errorMessage } from '../../sys/errno.ts';
import { namesIfThere } from '../../sys/if-there.ts';
import { processLauncher } from '../../supervisor/interpreter/process-unit.ts';
import {
  type BootScripts,
  type DirectoryEntry,
  type EndScripts,
  orderBootScripts,
  orderEndScripts,
} from '../../supervisor/linuxkit/script-order.ts';
import {
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_ONSHUTDOWN_POLICY,
  DEFAULT_SERVICE_POLICY,
} from '../../supervisor/service/policy.ts';
import type { UnitDescription } from '../../supervisor/service/state.ts';
import { monotonicMs } from '../boot-record.ts';
import { createProcessSpawner } from '../child-processes.ts';
import type { Machine } from '../machine.ts';
import { openUnitLog } from '../unit-logs.ts';

const BOOT_DIR = '/etc/init.d';
const END_DIR = '/etc/shutdown.d';

/** No slice of ours, so that nothing ends what they leave running. */
const SCRIPTS_CGROUP = '/scripts';

export function bootScripts(root = ''): BootScripts {
  return orderBootScripts(entriesOf(`${root}${BOOT_DIR}`));
}

export function endScripts(root = ''): EndScripts {
  return orderEndScripts(entriesOf(`${root}${END_DIR}`));
}

export function addOnbootScripts(machine: Machine, names: readonly string[]): void {
  for (const name of names) {
    const unit = {
      kind: 'onboot',
      policy: DEFAULT_ONBOOT_POLICY,
      ...idOf(BOOT_DIR, name),
    } as const;
    addScript(machine, unit);
  }
}

/** Behind LinuxKit's start of the services: they begin with them. */
export function addServiceScripts(machine: Machine, names: readonly string[]): void {
  const policy = { ...DEFAULT_SERVICE_POLICY, restart: { kind: 'no' } } as const;
  for (const name of names)
    addScript(machine, { kind: 'service', policy, ...idOf(BOOT_DIR, name) });
}

export function addEndScripts(machine: Machine, names: readonly string[]): void {
  const policy = DEFAULT_ONSHUTDOWN_POLICY;
  for (const name of names) {
    addScript(machine, { kind: 'onshutdown', policy, ...idOf(END_DIR, name) });
  }
}

/** `init.d-030-mine`, whose image is the file. */
function idOf(dir: string, name: string): Pick<UnitDescription, 'id' | 'name' | 'image'> {
  const id = `${basename(dir)}-${name}`;
  return { id, name: id, image: `${dir}/${name}` };
}

function addScript(machine: Machine, unit: UnitDescription): void {
  const { sys, reaper, interpreter, engine, history, logs, tell } = machine;
  const { id } = unit;
  try {
    mkdirSync(`/sys/fs/cgroup${SCRIPTS_CGROUP}`, { recursive: true });
    const log = openUnitLog(sys, id, SCRIPTS_CGROUP);
    logs.set(id, log.ring);
    const warn = (text: string): void =>
      history.add({ atMs: monotonicMs(), unit: id, severity: 'warning', text });
    const spawner = createProcessSpawner(reaper);
    const context = { sys, spawner, cgroupsPath: SCRIPTS_CGROUP, oomScoreAdj: 0, warn };
    const program = { file: unit.image, args: [], openOutputs: async () => log.openOutputs() };
    interpreter.addUnit(id, processLauncher(context, program));
    engine.dispatch({ type: 'unit.added', unit });
  } catch (error) {
    tell('error', `${id} cannot be run: ${errorMessage(error)}`);
  }
}

function entriesOf(dir: string): readonly DirectoryEntry[] {
  return (namesIfThere(dir) ?? []).map((name) => {
    const path = `${dir}/${name}`;
    const there = statSync(path, { throwIfNoEntry: false });
    return {
      name,
      isService: isServiceLink(path),
      isExecutable: there?.isFile() === true && (there.mode & 0o111) !== 0,
    };
  });
}

/** Whatever is behind /usr/bin/service in this image. */
function isServiceLink(path: string): boolean {
  return lstatSync(path).isSymbolicLink() && basename(readlinkSync(path)) === 'service';
}
