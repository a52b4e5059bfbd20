/** The `ishmael` program of the host. Only wires: arguments in, exit code out. */
import { dispatch } from './cli/dispatch.ts';
import { describeFailure } from './cli/report-failure.ts';

try {
  process.exitCode = await dispatch(process.argv.slice(2));
} catch (error) {
  const { exitCode, text } = describeFailure(error);
  process.stderr.write(text);
  process.exitCode = exitCode;
}
