// The console process as a test starts it: node console-child.ts DEVICE SOCKET
import { runConsole } from '../../supervisor/console/run-console.ts';

const [device = '', socketPath = ''] = process.argv.slice(2);
await runConsole(device, socketPath);
