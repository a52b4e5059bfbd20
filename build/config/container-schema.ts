/**
 * One entry of `onboot` or `services`: its keys, their defaults and what they may hold.
 */
import { z } from 'zod';

import type {
  BindMount,
  NamespaceMode,
  Rlimit,
  TmpfsMount,
} from '../../runc-shim/oci/container-spec.ts';
import { problem } from './problem.ts';
import {
  absolutePath,
  bind,
  capabilities,
  filledText,
  namespaceMode,
  rlimit,
  text,
  tmpfs,
  userId,
} from './values.ts';

/** A container as the file has it, notations parsed and defaults filled in. The image is not looked at. */
export interface ContainerConfig {
  readonly name: string;
  readonly image: string;
  /** Replaces the image's entrypoint and command. */
  readonly command?: readonly string[];
  /** Replaces the image's whole environment. */
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly capabilities: readonly string[];
  readonly ambient: readonly string[];
  readonly binds: readonly BindMount[];
  readonly tmpfs: readonly TmpfsMount[];
  readonly net: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly uts: NamespaceMode;
  readonly pid: NamespaceMode;
  readonly uid: number | string;
  readonly gid: number | string;
  readonly additionalGids: readonly (number | string)[];
  readonly readonly: boolean;
  readonly noNewPrivileges: boolean;
  readonly rlimits: readonly Rlimit[];
  readonly hostname?: string;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** How images are named in `kernel.image`, `init` and containers. */
export const imageReference: z.ZodString = filledText.regex(/^\S*$/, 'must not contain spaces');

export const containerSchema: z.ZodType<ContainerConfig> = z
  .strictObject({
    name: text.regex(
      NAME,
      'must be letters, digits, "_", "." and "-", and begin with a letter or digit',
    ),
    image: imageReference,
    command: z
      .array(text)
      .min(1, 'must not be empty: leave it out to run what the image says')
      .exactOptional(),
    env: z.array(text.regex(/^[^=]+=/, 'must be NAME=VALUE')).exactOptional(),
    cwd: absolutePath.exactOptional(),
    capabilities: capabilities.default([]),
    ambient: capabilities.default([]),
    binds: z.array(bind).default([]),
    tmpfs: z.array(tmpfs).default([]),
    net: namespaceMode.default('host'),
    ipc: namespaceMode.default('host'),
    uts: namespaceMode.default('host'),
    pid: namespaceMode.default('new'),
    uid: userId.default(0),
    gid: userId.default(0),
    additionalGids: z.array(userId).default([]),
    readonly: z.boolean().default(false),
    noNewPrivileges: z.boolean().default(false),
    rlimits: z.array(rlimit).default([]),
    hostname: filledText.max(64, 'must have at most 64 characters').exactOptional(),
  })
  .superRefine(
    (container, context) => {
      // In PID 1's namespace it would rename the machine; runc refuses that at start, so say it here.
      if (container.hostname === undefined || container.uts !== 'host') return;
      const message = 'a hostname of its own needs "uts: new"';
      context.addIssue(problem({ code: 'conflict', message, path: ['hostname'], at: 'key' }));
    },
    // Otherwise it would wait for the next run of a file with another mistake in this container.
    { when: ({ value }) => typeof value === 'object' && value !== null },
  );
