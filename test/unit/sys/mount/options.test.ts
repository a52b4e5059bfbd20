import { expect, test } from 'vitest';
import {
  MS_BIND,
  MS_NODEV,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
  MS_SHARED,
} from '../../../../sys/mount-flags.ts';
import { parseMountOptions } from '../../../../sys/mount/options.ts';

test.each([
  [[], { flags: 0, data: '', propagation: [] }],
  [
    ['ro', 'nosuid', 'nodev'],
    { flags: MS_RDONLY | MS_NOSUID | MS_NODEV, data: '', propagation: [] },
  ],
  [['ro', 'rw'], { flags: 0, data: '', propagation: [] }],
  [['defaults', 'size=1m', 'mode=755'], { flags: 0, data: 'size=1m,mode=755', propagation: [] }],
  [['rbind', 'rshared'], { flags: MS_BIND | MS_REC, data: '', propagation: [MS_SHARED | MS_REC] }],
  [['bind', 'private'], { flags: MS_BIND, data: '', propagation: [MS_PRIVATE] }],
])('parseMountOptions(%j)', (words, expected) => {
  expect(parseMountOptions(words)).toEqual(expected);
});
