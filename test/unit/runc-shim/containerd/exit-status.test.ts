import { expect, it } from 'vitest';
import { shellExit } from '../../../../runc-shim/containerd/exit-status.ts';

it.each([
  [0, { kind: 'exited', code: 0 }],
  [3, { kind: 'exited', code: 3 }],
  [128, { kind: 'exited', code: 128 }],
  [137, { kind: 'signaled', signal: 9, core: false }],
  [192, { kind: 'signaled', signal: 64, core: false }],
  [193, { kind: 'exited', code: 193 }],
  [255, { kind: 'exited', code: 255 }],
])('shellExit() takes %i for what a shell means by it', (status, exit) => {
  expect(shellExit(status)).toEqual(exit);
});
