/**
 * The power button, through evdev: every input device with KEY_POWER, ACPI's button and keyboards alike,
 * also one that is plugged in later.
 *
 * They are asked once a second, by reads that do not wait. Node can wait for such a device only with a
 * read in libuv's thread pool, which would hold one of PID 1's four threads for ever. Asking two of them
 * takes 27 µs, the kernel keeps what was pressed in between, and nobody minds a second.
 * The directory is listed each time as well: uevents can be lost, and the first buttons come while the
 * boot is still looking for devices.
 */
import { closeSync, constants, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { errnoCode, errorMessage } from '../sys/errno.ts';
import { decodeInputEvents, hasKey, INPUT_EVENT_SIZE, isPress, KEY_POWER } from './input-event.ts';

const INTERVAL_MS = 1000;

export interface PowerButtons {
  /** Looks for new devices, then whether a button was pressed since the last time. Does not throw. */
  poll(): void;
}

/** Watches for as long as the machine runs. */
export function watchPowerButtons(
  pressed: () => void,
  tell: (severity: 'warning', text: string) => void,
): void {
  const buttons = openPowerButtons('', pressed, tell);
  setInterval(() => buttons.poll(), INTERVAL_MS);
}

/** @param root prefix of every path: '' on the machine itself. */
export function openPowerButtons(
  root: string,
  pressed: () => void,
  tell: (severity: 'warning', text: string) => void,
): PowerButtons {
  /** Devices by the name of their node: what to read from, or that there is no use for it. */
  const known = new Map<string, number | 'no button'>();
  const buffer = Buffer.alloc(64 * INPUT_EVENT_SIZE);

  function addNew(names: readonly string[]): void {
    for (const name of names) {
      const fd = known.get(name) ?? openIfButton(root, name, tell);
      if (fd !== undefined) known.set(name, fd);
    }
  }

  function forget(name: string): void {
    const fd = known.get(name);
    known.delete(name);
    if (typeof fd === 'number') closeSync(fd);
  }

  return {
    poll() {
      const names = eventNames(root);
      for (const name of known.keys()) if (!names.includes(name)) forget(name);
      addNew(names);
      for (const [name, fd] of known) {
        if (fd === 'no button') continue;
        const bytes = readWaiting(fd, buffer);
        if (bytes === 'gone') {
          // The same name may be another device by now: the next turn looks at it anew.
          forget(name);
        } else if (decodeInputEvents(bytes).some((event) => isPress(event, KEY_POWER))) {
          pressed();
        }
      }
    },
  };
}

function eventNames(root: string): string[] {
  try {
    return readdirSync(`${root}/sys/class/input`).filter((name) => name.startsWith('event'));
  } catch {
    // A kernel without input devices, or a moment before /sys is mounted.
    return [];
  }
}

/** `undefined`: the device is just coming or going, ask again. */
function openIfButton(
  root: string,
  name: string,
  tell: (severity: 'warning', text: string) => void,
): number | 'no button' | undefined {
  try {
    const keys = readFileSync(`${root}/sys/class/input/${name}/device/capabilities/key`, 'utf8');
    if (!hasKey(keys, KEY_POWER)) return 'no button';
    return openSync(`${root}/dev/input/${name}`, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = errnoCode(error);
    if (code === 'ENOENT' || code === 'ENODEV') return undefined;
    tell('warning', `power button ${name}: ${errorMessage(error)}`);
    return 'no button';
  }
}

function readWaiting(fd: number, buffer: Buffer): Uint8Array | 'gone' {
  try {
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, null));
  } catch (error) {
    // EAGAIN: nothing was pressed. Anything else (ENODEV) is the end of this device.
    return errnoCode(error) === 'EAGAIN' ? buffer.subarray(0, 0) : 'gone';
  }
}
