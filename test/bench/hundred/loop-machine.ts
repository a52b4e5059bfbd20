/** The machine that busybox and a shell script boot, with the same hundred containers. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../../../build/progress.ts';
import { imageFiles } from '../../../build/run/image-files.ts';
import { startVm } from '../../../build/run/vm.ts';
import { buildBaseline } from '../baseline/baseline-image.ts';
import { DIR } from '../images.ts';
import { onlySleepers } from '../service-images.ts';
import { readTimes } from '../restart/scripts.ts';

const NAME = 'hundred-by-shell';
const LIMIT_MS = 600_000;
const ASK_LIMIT_MS = 30_000;

export interface LoopFigures {
  /** From the script's first line, and from its first `runc run`, until the last one has returned. */
  readonly bootMs: number;
  readonly startMs: number;
}

export async function bootLoop(progress: Progress): Promise<LoopFigures> {
  const file = join(DIR, `${NAME}.yml`);
  await writeFile(file, onlySleepers());
  await buildBaseline({ file, dir: DIR, name: NAME, progress });
  const files = imageFiles(DIR, NAME);
  const vm = await startVm({
    ...files,
    cmdline: (await readFile(files.cmdline, 'utf8')).trim(),
    consoleLog: join(DIR, `${NAME}.log`),
    accel: 'tcg',
    timeLimitMs: LIMIT_MS,
  });
  try {
    // Its console has a shell once the script is through.
    await vm.console.waitFor(/\n.*[#$] $/, LIMIT_MS);
    vm.sendConsole("cat /run/marks; runc list -q | wc -l; echo bench-''end\n");
    await vm.console.waitFor(/bench-end/, ASK_LIMIT_MS);
    return loopFigures(vm.console.text());
  } finally {
    await vm.kill();
  }
}

/** @param text of the console. Throws when a container is missing. */
function loopFigures(text: string): LoopFigures {
  const { script, services, running } = readTimes(text, ['script', 'services', 'running']);
  if (!/\n100\r?\n/.test(text)) throw new Error(`The shell did not start all containers:\n${text}`);
  return { bootMs: running - script, startMs: running - services };
}
