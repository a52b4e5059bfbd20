/**
 * What the kernel tells of input devices, as bytes and text. Pure. Sources: include/uapi/linux/input.h and
 * input-event-codes.h; drivers/input/input.c for the text in sysfs.
 *
 * struct input_event on a 64-bit kernel, 24 bytes, little endian:
 *   0 tv_sec i64 · 8 tv_usec i64 · 16 type u16 · 18 code u16 · 20 value i32
 */

export const KEY_POWER = 116;
export const INPUT_EVENT_SIZE = 24;

const EV_KEY = 1;
/** `value` of EV_KEY: 0 let go, 1 pressed, 2 held down and repeated. */
const PRESSED = 1;

export interface InputEvent {
  readonly type: number;
  readonly code: number;
  readonly value: number;
}

/** The events in what one read gave; the kernel hands out whole ones only. */
export function decodeInputEvents(bytes: Uint8Array): InputEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.floor(bytes.byteLength / INPUT_EVENT_SIZE);
  return Array.from({ length: count }, (_, index) => {
    const at = index * INPUT_EVENT_SIZE;
    return {
      type: view.getUint16(at + 16, true),
      code: view.getUint16(at + 18, true),
      value: view.getInt32(at + 20, true),
    };
  });
}

export function isPress(event: InputEvent, key: number): boolean {
  return event.type === EV_KEY && event.code === key && event.value === PRESSED;
}

/**
 * Whether `capabilities/key` of an input device has the key: a bitmap of 64-bit words in hex, the most
 * significant word first, without leading zeros (`10000000000000 0`: bit 116).
 */
export function hasKey(capabilities: string, key: number): boolean {
  const word = capabilities
    .trim()
    .split(/\s+/)
    .at(-1 - Math.floor(key / 64));
  if (word === undefined || !/^[0-9a-f]+$/i.test(word)) return false;
  return ((BigInt(`0x${word}`) >> BigInt(key % 64)) & 1n) === 1n;
}
