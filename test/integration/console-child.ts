// The console process as a test starts it: node console-child.ts DEVICE SOCKET POLICY
import type { ConsolePolicy } from '../../supervisor/console/policy.ts';
import { runConsole } from '../../supervisor/console/run-console.ts';

const [device = '', socketPath = '', policy = ''] = process.argv.slice(2);
await runConsole(device, JSON.parse(policy) as ConsolePolicy, socketPath);
