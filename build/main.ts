/** The `ishmael` program of the host. Only wires: arguments in, exit code out. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cacheDir } from './cache-dir.ts';

// Types are stripped and code is compiled once and not at each start: half of the time of a short command.
enableCompileCache(join(cacheDir(), 'code'));
const { dispatch } = await import('./cli/dispatch.ts');
const { describeFailure } = await import('./cli/report-failure.ts');

try {
  process.exitCode = await dispatch(process.argv.slice(2));
} catch (error) {
  const { exitCode, text } = describeFailure(error);
  process.stderr.write(text);
  process.exitCode = exitCode;
}
