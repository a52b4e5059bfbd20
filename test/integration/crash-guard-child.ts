/** A process that guards itself, then dies in the way its first argument names. */
import { openSync } from 'node:fs';
import { installCrashGuard, writeBeforeReExec } from '../../sys/linux/crash-guard.ts';

installCrashGuard({
  file: '/usr/bin/env',
  argv: ['env'],
  env: (signal) => ({ DIED_OF: signal }),
});
const [, , how = '', ...files] = process.argv;
// Of all but the last it is taken back.
const takeBack = files.map((file) => writeBeforeReExec(openSync(file, 'a')));
for (const back of takeBack.slice(0, -1)) back();
if (files.length > 0) writeBeforeReExec(12_345);
if (how === 'abort') process.abort();
if (how === 'memory') {
  const kept: unknown[] = [];
  for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
}
process.kill(process.pid, how);
