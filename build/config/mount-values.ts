/**
 * `mounts`: mounts in OCI's words, what they leave out filled in as LinuxKit does it. Those of a container
 * are in it, those of its `runtime` are the machine's.
 */
import { z } from 'zod';

import type { ContainerMount } from '../../runc-shim/oci/container-spec.ts';
import { problem } from './problem.ts';
import { filledText } from './values.ts';

/** Types that their source gives away, with the place where one expects them. */
const KERNEL_MOUNTS: Readonly<Record<string, string>> = {
  proc: '/proc',
  devpts: '/dev/pts',
  sysfs: '/sys',
  cgroup: '/sys/fs/cgroup',
  mqueue: '/dev/mqueue',
};

const rawMount = z.strictObject({
  destination: filledText.exactOptional(),
  type: filledText.exactOptional(),
  source: filledText.exactOptional(),
  options: z.array(filledText).default([]),
});

type RawMount = z.output<typeof rawMount>;

export const mounts: z.ZodType<readonly ContainerMount[]> = z.array(
  rawMount.transform((raw, context) => {
    const mount = completed(raw);
    const wrong = missing(mount);
    if (wrong === undefined) return absolute(mount);
    context.addIssue(problem({ code: 'bad-mount', message: wrong }));
    return z.NEVER;
  }),
);

/** In LinuxKit's guest a relative destination is one in the container's root. */
export const runtimeMounts: z.ZodType<readonly ContainerMount[]> = z.array(
  rawMount.transform((raw, context) => {
    const { type = '', source = type, destination = '', options } = raw;
    const mount = { destination, type, source, options };
    const wrong = missing(mount);
    if (wrong === undefined) return mount;
    context.addIssue(problem({ code: 'bad-mount', message: wrong }));
    return z.NEVER;
  }),
);

function completed({ destination, type, source, options }: RawMount): ContainerMount {
  const isKernels = source !== undefined && Object.hasOwn(KERNEL_MOUNTS, source);
  const kind = type ?? (isKernels ? source : destination === '/dev' ? 'tmpfs' : '');
  return {
    destination: destination ?? KERNEL_MOUNTS[kind] ?? '',
    type: kind,
    source: source ?? kind,
    options,
  };
}

function missing({ destination, type }: ContainerMount): string | undefined {
  if (type === '') return 'has no "type", and its source does not say it';
  return destination === '' ? `has no "destination", and "${type}" has none of its own` : undefined;
}

/** LinuxKit leaves a relative destination to the runtime, and runc takes it from the container's root. */
function absolute(mount: ContainerMount): ContainerMount {
  const { destination } = mount;
  return destination.startsWith('/') ? mount : { ...mount, destination: `/${destination}` };
}
