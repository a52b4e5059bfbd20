/**
 * Waits until somebody on the host opens the control port. libuv cannot wait on such a device, so it is
 * asked twice a second; a process that waits instead would cost every machine 12 MB.
 */
import { constants, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Sys } from '../sys/sys.ts';

const INTERVAL_MS = 500;

/**
 * Resolves with the open port. The descriptor must be passed on as it is: the driver throws away what
 * the host has sent already when a port is closed (virtio_console.c, port_fops_release).
 */
export async function awaitHost(sys: Sys, port: string): Promise<number> {
  const fd = openSync(port, constants.O_RDWR);
  // The driver reports a hang-up for as long as no host is connected (port_fops_poll).
  while (sys.isHungUp(fd)) await delay(INTERVAL_MS);
  return fd;
}
