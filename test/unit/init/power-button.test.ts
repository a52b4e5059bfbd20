import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openPowerButtons, type PowerButtons } from '../../../init/power-button.ts';

const BUTTON = '10000000000000 0\n';
const KEYBOARD_WITHOUT = 'fffffffffffffffe\n';

let root: string;
let presses: number;
let told: string[];
let buttons: PowerButtons;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'button-'));
  presses = 0;
  told = [];
  buttons = openPowerButtons(
    root,
    () => (presses += 1),
    (_, text) => told.push(text),
  );
});

afterEach(() => rmSync(root, { recursive: true }));

/** Files stand in for devices: they too give what was added since the last read, or nothing. */
function plugIn(name: string, keys: string): void {
  mkdirSync(join(root, `sys/class/input/${name}/device/capabilities`), { recursive: true });
  writeFileSync(join(root, `sys/class/input/${name}/device/capabilities/key`), keys);
  mkdirSync(join(root, 'dev/input'), { recursive: true });
  writeFileSync(join(root, `dev/input/${name}`), '');
}

function unplug(name: string): void {
  rmSync(join(root, `sys/class/input/${name}`), { recursive: true });
  rmSync(join(root, `dev/input/${name}`));
}

function key(name: string, value: 0 | 1 | 2): void {
  const event = Buffer.alloc(48); // the key, then EV_SYN
  event.writeUInt16LE(1, 16);
  event.writeUInt16LE(116, 18);
  event.writeInt32LE(value, 20);
  appendFileSync(join(root, `dev/input/${name}`), event);
}

function openDevices(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // The descriptor of the listing itself.
      return '';
    }
  });
  return links.filter((link) => link.startsWith(root)).length;
}

it('poll() tells of a press once, and of letting go not at all', () => {
  plugIn('event0', BUTTON);
  buttons.poll();
  expect(presses).toBe(0);
  key('event0', 1);
  buttons.poll();
  key('event0', 2);
  key('event0', 0);
  buttons.poll();
  expect(presses).toBe(1);
});

it('poll() hears several buttons, and one that comes later', () => {
  plugIn('event0', BUTTON);
  buttons.poll();
  plugIn('event1', BUTTON);
  buttons.poll();
  key('event0', 1);
  key('event1', 1);
  buttons.poll();
  expect(presses).toBe(2);
});

it('poll() opens nothing that has no power key', () => {
  plugIn('event0', KEYBOARD_WITHOUT);
  plugIn('mouse0', BUTTON);
  buttons.poll();
  expect(openDevices()).toBe(0);
});

it('poll() lets go of a device that is gone, and takes its successor of the same name', () => {
  plugIn('event0', BUTTON);
  buttons.poll();
  expect(openDevices()).toBe(1);
  unplug('event0');
  buttons.poll();
  expect(openDevices()).toBe(0);
  plugIn('event0', BUTTON);
  key('event0', 1);
  buttons.poll();
  expect(presses).toBe(1);
});

it('poll() waits for a node that is not there yet', () => {
  plugIn('event0', BUTTON);
  rmSync(join(root, 'dev/input/event0'));
  buttons.poll();
  plugIn('event0', BUTTON);
  key('event0', 1);
  buttons.poll();
  expect({ presses, told }).toEqual({ presses: 1, told: [] });
});

it('poll() tells once of a button that it cannot open', () => {
  plugIn('event0', BUTTON);
  rmSync(join(root, 'dev/input'), { recursive: true });
  writeFileSync(join(root, 'dev/input'), 'a file where a directory is expected');
  buttons.poll();
  buttons.poll();
  expect(told).toEqual([expect.stringContaining('ENOTDIR')]);
});

it('poll() does nothing on a machine without input devices', () => {
  expect(() => buttons.poll()).not.toThrow();
});
