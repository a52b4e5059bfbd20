/** What the baseline tells of its boot, typed and read on its serial console. */
import type { Vm } from '../../build/run/vm.ts';
import type { Inside } from './boot-machine.ts';
import { parseBaselineReport } from './baseline-report.ts';

const LIMIT_MS = 30_000;
/** In the echo of the command the word is in two parts. */
const COMMAND =
  "cat /proc/meminfo; grep -E 'RssAnon|Threads' /proc/1/status; cat /run/marks /run/redis.log; echo bench-''end\n";
const END = /bench-end/;

export async function inspectBusybox(vm: Vm): Promise<Inside> {
  const before = vm.console.text().length;
  vm.sendConsole(COMMAND);
  await vm.console.waitFor(END, LIMIT_MS);
  return parseBaselineReport(vm.console.text().slice(before));
}
