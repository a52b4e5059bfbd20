/** The `ishmael` program of the host. Only wires: arguments in, exit code out. */
import { dispatch } from './cli/dispatch.ts';
import { describeFailure } from './cli/report-failure.ts';

// Meant for this program (ishmael.sh), not for those that it starts.
delete process.env['NODE_COMPILE_CACHE'];

try {
  process.exitCode = await dispatch(process.argv.slice(2));
} catch (error) {
  const { exitCode, text } = describeFailure(error);
  process.stderr.write(text);
  process.exitCode = exitCode;
}
