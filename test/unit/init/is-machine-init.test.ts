import { readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isMachineInit } from '../../../init/is-machine-init.ts';

it.each([
  [1, 'pid:[4026531836]', true],
  [1, 'pid:[4026532451]', false],
  [2, 'pid:[4026531836]', false],
])('isMachineInit() with pid %i in %s', (pid, namespace, wanted) => {
  expect(isMachineInit(pid, () => namespace)).toBe(wanted);
});

it('isMachineInit() before there is a /proc', () => {
  const missing = (): string => readlinkSync('/proc/does-not-exist/ns/pid');
  expect(isMachineInit(1, missing)).toBe(true);
  expect(isMachineInit(2, missing)).toBe(false);
});
