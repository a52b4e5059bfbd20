/** A process that guards itself, then dies in the way its first argument names. */
import { installCrashGuard } from '../../sys/linux/crash-guard.ts';

installCrashGuard({
  file: '/usr/bin/env',
  argv: ['env'],
  env: (signal) => ({ DIED_OF: signal }),
});
const [, , how = ''] = process.argv;
if (how === 'abort') process.abort();
if (how === 'memory') {
  const kept: unknown[] = [];
  for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
}
process.kill(process.pid, how);
