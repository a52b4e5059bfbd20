/**
 * Stands in for QEMU where a test chooses how the machine behaves: it opens the sockets of its command
 * line, waits for the serial line as QEMU does, and then speaks, is silent or refuses, as FAKE_QEMU_KVM
 * says for `-accel kvm`. It echoes what is typed; `exit N` ends it. The monitor's orders come out of the
 * serial line; with FAKE_QEMU_MONITOR=refuse they are refused. FAKE_QEMU_API is the unix socket of a control API: with it
 * the guest has a bridge to that on its control port, else a port that nobody has opened.
 */
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { serveBridge } from '../../../supervisor/bridge/run-bridge.ts';
import { listenAsPort } from '../../integration/bridge-support.ts';

const args = process.argv.slice(2);
const accel = args[args.indexOf('-accel') + 1] ?? '';
const behaviour = accel === 'kvm' ? process.env['FAKE_QEMU_KVM'] : 'speak';
function word(pattern: RegExp): string {
  const found = args.map((arg) => pattern.exec(arg)?.[1]).find((value) => value !== undefined);
  if (found === undefined) throw new Error(`No ${pattern.source} on the command line`);
  return found;
}

writeFileSync(word(/logfile=([^,]*)/), '');
const api = process.env['FAKE_QEMU_API'] ?? '';
const controlPort = word(/id=control,path=([^,]*)/);
if (api === '') createServer().listen(controlPort);
else void serveBridge(await listenAsPort(controlPort), api);
let line: Socket | undefined;
createServer((monitor) => {
  monitor.write('{"QMP": {"version": {}, "capabilities": []}}\r\n');
  createInterface(monitor).on('line', (order) => {
    line?.write(`monitor: ${order}\r\n`);
    const refused =
      process.env['FAKE_QEMU_MONITOR'] === 'refuse' && !order.includes('capabilities');
    monitor.write('{"timestamp": {}, "event": "POWERDOWN"}\r\n');
    monitor.write(refused ? '{"error": {"class": "GenericError"}}\r\n' : '{"return": {}}\r\n');
  });
}).listen(word(/id=monitor,path=([^,]*)/));
createServer((serial) => {
  line = serial;
  // The real one opens its sockets first, and only then looks for an accelerator.
  if (behaviour === 'refuse') {
    process.stderr.write('qemu-system-x86_64: failed to initialize kvm: Operation not permitted\n');
    process.exit(1);
  }
  if (behaviour === 'speak') serial.write(`Linux version under ${accel}\r\n`);
  serial.on('error', () => {});
  serial.on('data', (typed: Buffer) => {
    const code = /exit (\d+)/.exec(typed.toString())?.[1];
    if (code !== undefined) process.exit(Number(code));
    serial.write(typed);
  });
}).listen(word(/id=serial,path=([^,]*)/));
