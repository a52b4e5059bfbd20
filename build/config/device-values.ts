/**
 * `devices` of a container: nodes of its own, or a whole class that it may use (`path: all`).
 */
import { z } from 'zod';

import type { DeviceNode } from '../../runc-shim/oci/container-spec.ts';
import { problem } from './problem.ts';
import { absolutePath, permissionBits } from './values.ts';

export type DeviceConfig =
  | { readonly kind: 'node'; readonly node: DeviceNode }
  /** Every device of the type may be used, and made by who has CAP_MKNOD. */
  | { readonly kind: 'class'; readonly type: 'a' | 'b' | 'c' };

const number = z.int().min(0, 'must not be negative');

const rawDevice = z.strictObject({
  path: z.union([z.literal('all'), absolutePath], {
    error: 'must be the absolute path of the node, or all',
  }),
  type: z.enum(['a', 'b', 'c', 'u', 'p']),
  major: number.default(0),
  minor: number.default(0),
  mode: permissionBits.exactOptional(),
});

const device: z.ZodType<DeviceConfig> = rawDevice.transform((raw, context): DeviceConfig => {
  const { path, type, major, minor, mode } = raw;
  if (path === 'all') {
    if (type === 'a' || type === 'b' || type === 'c') return { kind: 'class', type };
    const message = 'must be b, c or a (both) for a whole class';
    context.addIssue(problem({ code: 'unknown-value', message, path: ['type'] }));
    return z.NEVER;
  }
  if (type === 'a') {
    const message = 'must be b, c, u or p for a node';
    context.addIssue(problem({ code: 'unknown-value', message, path: ['type'] }));
    return z.NEVER;
  }
  if (mode === undefined) {
    const message = 'a node needs a "mode", such as "0660"';
    context.addIssue(problem({ code: 'missing-key', message }));
    return z.NEVER;
  }
  return { kind: 'node', node: { path, type, major, minor, fileMode: mode } };
});

export const devices: z.ZodType<readonly DeviceConfig[]> = z.array(device);
