import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeInputEvents,
  hasKey,
  INPUT_EVENT_SIZE,
  isPress,
  KEY_POWER,
} from '../../../init/input-event.ts';

describe('hasKey()', () => {
  it('finds the power key where the kernel writes it', () => {
    // ACPI's power button; an AT keyboard; a tablet pointer of QEMU without the key.
    expect(hasKey('10000000000000 0\n', KEY_POWER)).toBe(true);
    expect(hasKey('402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe', KEY_POWER)).toBe(
      true,
    );
    expect(hasKey('1f0000 0 0 0 0', KEY_POWER)).toBe(false);
  });

  it('is false for a device without keys and for text that is no bitmap', () => {
    for (const text of ['0\n', '', '\n', 'zz 0']) expect(hasKey(text, KEY_POWER)).toBe(false);
  });

  it('agrees with a bitmap written as input.c does', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(767)), fc.nat(767), (keys, key) => {
        expect(hasKey(bitmap(keys), key)).toBe(keys.includes(key));
      }),
    );
  });
});

describe('decodeInputEvents()', () => {
  it('reads a press with its two neighbours from the bytes of a real button', () => {
    // evdev of a q35 machine: EV_KEY 116 pressed, EV_SYN, EV_KEY 116 let go; times zeroed.
    const time = '00'.repeat(16);
    const bytes = Buffer.from(
      `${time}0100740001000000${time}0000000000000000${time}0100740000000000`,
      'hex',
    );
    const events = decodeInputEvents(bytes);
    expect(events).toEqual([
      { type: 1, code: KEY_POWER, value: 1 },
      { type: 0, code: 0, value: 0 },
      { type: 1, code: KEY_POWER, value: 0 },
    ]);
    expect(events.map((event) => isPress(event, KEY_POWER))).toEqual([true, false, false]);
  });

  it('drops what is less than an event', () => {
    expect(decodeInputEvents(new Uint8Array(INPUT_EVENT_SIZE - 1))).toEqual([]);
  });
});

it('isPress() takes no repetition, no other key and no other kind for a press', () => {
  for (const [type, code, value] of [
    [1, KEY_POWER, 2],
    [1, 30, 1],
    [4, KEY_POWER, 1],
  ] as const) {
    expect(isPress({ type, code, value }, KEY_POWER)).toBe(false);
  }
});

function bitmap(keys: readonly number[]): string {
  const all = keys.reduce((bits, key) => bits | (1n << BigInt(key)), 0n);
  const words: string[] = [];
  for (let rest = all; rest > 0n; rest >>= 64n)
    words.unshift((rest & (2n ** 64n - 1n)).toString(16));
  return words.length === 0 ? '0\n' : `${words.join(' ')}\n`;
}
