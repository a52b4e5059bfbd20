/**
 * `resources` of a container: OCI's `linux.resources` with its words and numbers, sizes also as a person
 * writes them. What only cgroup v1 has is refused; what comes out is for cgroup v2.
 */
import { z } from 'zod';

import type { ContainerResources } from '../../runc-shim/oci/container-spec.ts';
import { cgroupFiles, type ResourceValues } from './cgroup-files.ts';
import { checkCgroupFile } from './cgroup-file-names.ts';
import { text } from './notation.ts';
import { problem } from './problem.ts';
import { sizeFrom, UNLIMITED } from './size-values.ts';

const KIB = 1024;

/** Nothing starts in less than this, so that a smaller number was meant in another unit. */
const limit = sizeFrom(KIB * KIB, true);
const size = sizeFrom(0, false);

function whole(least: number, most: number): z.ZodInt {
  const range = `must be from ${least} to ${most}`;
  return z.int().min(least, range).max(most, range);
}

const memory = z.strictObject({
  limit: limit.exactOptional(),
  reservation: size.exactOptional(),
  swap: limit.exactOptional(),
});

const list = text.regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/, 'must be a list such as "0-2,5"');

/** A list of one is a number to YAML. */
const numbers = z.union([z.int().min(0, 'must not be negative').transform(String), list], {
  error: 'must be a list such as "0-2,5"',
});

const cpu = z.strictObject({
  shares: whole(2, 262_144).exactOptional(),
  quota: z
    .int()
    .refine((us) => us === UNLIMITED || us >= 1000, 'must be at least 1000 (microseconds), or -1')
    .exactOptional(),
  period: whole(1000, 1_000_000).exactOptional(),
  burst: whole(0, Number.MAX_SAFE_INTEGER).exactOptional(),
  idle: whole(0, 1).exactOptional(),
  cpus: numbers.exactOptional(),
  mems: numbers.exactOptional(),
});

const pids = z.strictObject({
  limit: z
    .int()
    .refine((count) => count === UNLIMITED || count > 0, 'must be at least 1, or -1 for no limit'),
});

const number = z.int().min(0, 'must not be negative');
const device = { major: number, minor: number };
const weight = whole(10, 1000);
const rates = z.array(z.strictObject({ ...device, rate: size })).exactOptional();

const blockIO = z.strictObject({
  weight: weight.exactOptional(),
  weightDevice: z.array(z.strictObject({ ...device, weight })).exactOptional(),
  throttleReadBpsDevice: rates,
  throttleWriteBpsDevice: rates,
  throttleReadIOPSDevice: rates,
  throttleWriteIOPSDevice: rates,
});

const hugepageLimits = z.array(
  z.strictObject({
    pageSize: text.regex(/^[1-9]\d*[KMG]B$/, 'must be such as 2MB or 1GB'),
    limit: size,
  }),
);

const rdma = z
  .record(
    text.regex(/^\S+$/, 'must be the name of a device'),
    z.strictObject({ hcaHandles: number.exactOptional(), hcaObjects: number.exactOptional() }),
  )
  // The file takes one device at a time, and the runtimes write a file once.
  .refine((devices) => Object.keys(devices).length <= 1, 'can limit one device only');

const devices = z.array(
  z.strictObject({
    allow: z.boolean(),
    type: z.enum(['a', 'b', 'c']).exactOptional(),
    major: number.exactOptional(),
    minor: number.exactOptional(),
    access: text.regex(/^[rwm]+$/, 'must be letters of "rwm"').default('rwm'),
  }),
);

const unified = z
  .record(z.string(), z.union([z.number(), text], { error: 'must be a text or a number' }))
  .superRefine((files, context) => {
    for (const name of Object.keys(files)) {
      const wrong = checkCgroupFile(name);
      if (wrong === undefined) continue;
      context.addIssue(problem({ code: 'unknown-value', ...wrong, path: [name], at: 'key' }));
    }
  });

export const resources: z.ZodType<ContainerResources> = z
  .strictObject({
    memory: memory.exactOptional(),
    cpu: cpu.exactOptional(),
    pids: pids.exactOptional(),
    blockIO: blockIO.exactOptional(),
    blockio: blockIO.exactOptional(),
    hugepageLimits: hugepageLimits.exactOptional(),
    rdma: rdma.exactOptional(),
    devices: devices.default([]),
    unified: unified.default({}),
  })
  .superRefine((values, context) => {
    if (values.blockIO !== undefined && values.blockio !== undefined) {
      context.addIssue(conflict(['blockio'], 'the same as "blockIO", which is there already'));
    }
    for (const found of contradictions(values)) context.addIssue(found);
  })
  .transform(({ blockIO: ours, blockio: linuxkits, ...values }) => {
    const io = ours ?? linuxkits;
    const files = cgroupFiles(values);
    return {
      unified: files,
      ...(io === undefined ? {} : { blockIO: io }),
      devices: values.devices,
    };
  });

/** What the kernel or each runtime would refuse only when the container is started. */
function contradictions({ memory: m, cpu: c }: ResourceValues): ReturnType<typeof conflict>[] {
  const found: ReturnType<typeof conflict>[] = [];
  if (m?.swap !== undefined && m.swap !== UNLIMITED) {
    const wrong = 'counts memory and swap together, so it needs a "limit" that is not above it';
    if (m.limit === undefined || m.limit === UNLIMITED || m.limit > m.swap) {
      found.push(conflict(['memory', 'swap'], wrong));
    }
  }
  if (c?.burst !== undefined && c.burst > 0) {
    const wrong = 'needs a "quota" that is not below it';
    if (c.quota === undefined || c.quota === UNLIMITED || c.quota < c.burst) {
      found.push(conflict(['cpu', 'burst'], wrong));
    }
  }
  if (c?.idle === 1 && c.shares !== undefined) {
    found.push(conflict(['cpu', 'shares'], 'means nothing with "idle: 1"'));
  }
  return found;
}

function conflict(path: readonly string[], message: string): ReturnType<typeof problem> {
  return problem({ code: 'conflict', message, path, at: 'key' });
}
