/**
 * `trial`: the process that PID 1 starts where an image may be updated. While the boot manager counts the tries of this one, it watches
 * whether the image proves good: then it is not counted any more; else the machine is started again, until the one before it is booted.
 */
import { renameSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '../../sys/errno.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import { CONTROL_SOCKET, type UnitStatus } from '../control/api.ts';
import { type ControlClient, connectOverUnixSocket } from '../control/client.ts';
import { DEFAULT_TRIAL, type Manifest } from '../manifest.ts';
import { findBootDisk, withBootPartition } from '../update/boot-partition.ts';
import { loaderVariable } from '../update/loader-variable.ts';
import { bootFileName, parseBootFileName } from '../update/slots.ts';
import { createTrial, TOO_LATE, type Verdict } from '../update/trial.ts';

const LOOK_MS = 1000;

/** Exit codes: 0 when it is good; `TOO_LATE`; 1 when the boot partition could not be written to; 2 for wrong usage. */
export async function trialApplet(args: readonly string[]): Promise<number> {
  if (args.length > 0) {
    process.stderr.write('Usage: trial, started by process 1\n');
    return 2;
  }
  // Only there while it counts, as `\EFI\Linux\ishmael-2+2-1.efi`.
  const path = loaderVariable('LoaderBootCountPath')?.replaceAll('\\', '/');
  const file = path === undefined ? undefined : parseBootFileName(path.split('/').at(-1) ?? '');
  if (path === undefined || file?.tries === undefined) return 0;
  const client = connectOverUnixSocket(CONTROL_SOCKET);
  if ((await decide(client)) === 'too late') return TOO_LATE;
  try {
    const to = bootFileName({ image: file.image });
    await withBootPartition(createLinuxSys(), findBootDisk().bootPartition, (folder) => {
      renameSync(`${folder}${path}`, `${folder}${path.replace(/[^/]+$/u, to)}`);
    });
    process.stdout.write(`The image is good, and booted from now on: ${to}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`The image cannot be marked as good: ${errorMessage(error)}\n`);
    return 1;
  }
}

async function decide(client: ControlClient): Promise<Verdict> {
  const { services = [], updates = DEFAULT_TRIAL } =
    await client.get<Partial<Manifest>>('/v1/config');
  const essential = services.filter(({ policy }) => policy.essential).map(({ name }) => name);
  const trial = createTrial(updates, essential);
  for (;;) {
    const units = await client.get<readonly UnitStatus[]>('/v1/services');
    const verdict = trial.look(units, Number(process.hrtime.bigint() / 1_000_000n));
    if (verdict !== 'undecided') return verdict;
    await delay(LOOK_MS);
  }
}
