/**
 * Finds the virtio-serial port that leads to the host. Apart from the bridge, because PID 1 asks it
 * whether there is anything to bridge and must not load more than this.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The name that QEMU's `-device virtserialport,name=…` gives the port. */
export const CONTROL_PORT_NAME = 'ishmael.control.0';

const PORTS_DIRECTORY = '/sys/class/virtio-ports';

/** The port's device, such as `/dev/vport1p1`; `undefined` when the machine has none. */
export function findControlPort(portsDirectory: string = PORTS_DIRECTORY): string | undefined {
  for (const port of entries(portsDirectory)) {
    if (readName(join(portsDirectory, port, 'name')) === CONTROL_PORT_NAME) return `/dev/${port}`;
  }
  return undefined;
}

function entries(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // No virtio_console driver, so no such directory: the machine has no ports.
    return [];
  }
}

function readName(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // The port was unplugged since the directory was read.
    return undefined;
  }
}
