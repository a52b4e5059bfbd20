/**
 * One entry of `onboot`, `services` or `onshutdown`: its keys, their defaults and what they may hold.
 */
import { z } from 'zod';

import type {
  BindMount,
  ContainerResources,
  NamespaceMode,
  Rlimit,
  TmpfsMount,
} from '../../runc-shim/oci/container-spec.ts';
import {
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_ONSHUTDOWN_POLICY,
  DEFAULT_SERVICE_POLICY,
  type HealthCheck,
  type OnbootPolicy,
  type Readiness,
  type RestartRule,
  type StartLimit,
} from '../../supervisor/service/policy.ts';
import type { LogRules } from '../../supervisor/log/log-rules.ts';
import { dependsOn } from './dependency-values.ts';
import type { DependsOn } from './depends-on.ts';
import { healthCheck } from './health-values.ts';
import { checkDevLog, log } from './log-schema.ts';
import { imageReference } from './image-reference.ts';
import { text } from './notation.ts';
import { problem } from './problem.ts';
import { preStart, readiness } from './readiness-values.ts';
import { resources } from './resources-schema.ts';
import {
  duration,
  exitStatuses,
  restartRule,
  signal,
  startLimit,
  timeLimit,
} from './supervision-values.ts';
import {
  absolutePath,
  bind,
  capabilities,
  filledText,
  namespaceMode,
  rlimit,
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
  readonly resources?: ContainerResources;
  readonly log?: LogRules;
  readonly hostname?: string;
  readonly successExitStatus: readonly number[];
  /** A number. Absent: what the image says. */
  readonly stopSignal?: number;
  /** In milliseconds, as all durations here. */
  readonly stopTimeout: number;
}

export interface ServiceConfig extends ContainerConfig {
  readonly restart: RestartRule;
  readonly startLimit?: StartLimit;
  readonly startTimeout: number;
  readonly essential: boolean;
  readonly dependsOn: DependsOn;
  readonly readiness?: Readiness;
  /** Also `undefined` where the file turns the check off. */
  readonly healthcheck?: HealthCheck | undefined;
  readonly preStart: readonly (readonly string[])[];
}

export interface OnbootConfig extends ContainerConfig {
  readonly timeout?: number;
  readonly onFailure: OnbootPolicy['onFailure'];
}

export interface OnshutdownConfig extends ContainerConfig {
  /** Absent: that of `DEFAULT_ONSHUTDOWN_POLICY`. */
  readonly timeout?: number;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

const container = {
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
  resources: resources.exactOptional(),
  log: log.exactOptional(),
  hostname: filledText.max(64, 'must have at most 64 characters').exactOptional(),
  successExitStatus: exitStatuses.default([]),
  stopSignal: signal.exactOptional(),
};

export const serviceSchema: z.ZodType<ServiceConfig> = z
  .strictObject({
    ...container,
    stopTimeout: duration.default(DEFAULT_SERVICE_POLICY.stopTimeoutMs),
    restart: restartRule.default(DEFAULT_SERVICE_POLICY.restart),
    startLimit: startLimit.exactOptional(),
    startTimeout: timeLimit.default(DEFAULT_SERVICE_POLICY.startTimeoutMs),
    essential: z.boolean().default(DEFAULT_SERVICE_POLICY.essential),
    dependsOn: dependsOn.default([]),
    readiness: readiness.exactOptional(),
    healthcheck: healthCheck.exactOptional(),
    preStart: preStart.default([]),
  })
  .superRefine(checkHostname, { when: isMap })
  .superRefine(checkDevLog, { when: isMap })
  .superRefine(checkReadiness, { when: isMap });

export const onbootSchema: z.ZodType<OnbootConfig> = z
  .strictObject({
    ...container,
    stopTimeout: duration.default(DEFAULT_ONBOOT_POLICY.stopTimeoutMs),
    timeout: timeLimit.exactOptional(),
    onFailure: z.enum(['continue', 'halt', 'reboot']).default(DEFAULT_ONBOOT_POLICY.onFailure),
  })
  .superRefine(checkHostname, { when: isMap })
  .superRefine(checkDevLog, { when: isMap });

export const onshutdownSchema: z.ZodType<OnshutdownConfig> = z
  .strictObject({
    ...container,
    stopTimeout: duration.default(DEFAULT_ONSHUTDOWN_POLICY.stopTimeoutMs),
    timeout: timeLimit.exactOptional(),
  })
  .superRefine(checkHostname, { when: isMap })
  .superRefine(checkDevLog, { when: isMap });

/** In PID 1's namespace it would rename the machine; runc refuses that at start, so say it here. */
function checkHostname({ hostname, uts }: ContainerConfig, context: z.core.$RefinementCtx): void {
  if (hostname === undefined || uts !== 'host') return;
  const message = 'a hostname of its own needs "uts: new"';
  context.addIssue(problem({ code: 'conflict', message, path: ['hostname'], at: 'key' }));
}

function checkReadiness(service: ServiceConfig, context: z.core.$RefinementCtx): void {
  if (service.readiness?.kind !== 'health' || service.healthcheck !== undefined) return;
  const message = '"health" needs a healthcheck that says what to ask';
  context.addIssue(problem({ code: 'conflict', message, path: ['readiness'] }));
}

/** Otherwise the check would wait for the next run of a file with another mistake in this container. */
function isMap({ value }: { readonly value: unknown }): boolean {
  return typeof value === 'object' && value !== null;
}
