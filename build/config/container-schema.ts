/**
 * One entry of `onboot`, `services` or `onshutdown`: its keys, their defaults and what they may hold.
 */
import { z } from 'zod';

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
import { type ContainerSettings, settingsShape } from './container-settings.ts';
import { dependsOn } from './dependency-values.ts';
import type { DependsOn } from './depends-on.ts';
import { healthCheck } from './health-values.ts';
import { checkDevLog, log } from './log-schema.ts';
import { imageReference } from './image-reference.ts';
import { text } from './notation.ts';
import { preStart, readiness } from './readiness-values.ts';
import {
  duration,
  exitStatuses,
  restartRule,
  signal,
  startLimit,
  timeLimit,
} from './supervision-values.ts';

/** A container as the file has it, notations parsed. The image is not looked at. */
export interface ContainerConfig extends ContainerSettings {
  readonly name: string;
  readonly image: string;
  readonly log?: LogRules;
  readonly successExitStatus: readonly number[];
  /** A number. Absent: what the image says. */
  readonly stopSignal?: number;
  /** In milliseconds, as all durations here. */
  readonly stopTimeout: number;
}

/** Who runs a service's container: PID 1 itself through the OCI runtime, or containerd. */
export const ENGINES = ['direct', 'containerd'] as const;

export type EngineName = (typeof ENGINES)[number];

export interface ServiceConfig extends ContainerConfig {
  /** Absent: the file's own `engine`. */
  readonly engine?: EngineName;
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
  ...settingsShape,
  log: log.exactOptional(),
  successExitStatus: exitStatuses.default([]),
  stopSignal: signal.exactOptional(),
};

export const serviceSchema: z.ZodType<ServiceConfig> = z
  .strictObject({
    ...container,
    engine: z.enum(ENGINES).exactOptional(),
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
  .superRefine(checkDevLog, { when: isMap });

export const onbootSchema: z.ZodType<OnbootConfig> = z
  .strictObject({
    ...container,
    stopTimeout: duration.default(DEFAULT_ONBOOT_POLICY.stopTimeoutMs),
    timeout: timeLimit.exactOptional(),
    onFailure: z.enum(['continue', 'halt', 'reboot']).default(DEFAULT_ONBOOT_POLICY.onFailure),
  })
  .superRefine(checkDevLog, { when: isMap });

export const onshutdownSchema: z.ZodType<OnshutdownConfig> = z
  .strictObject({
    ...container,
    stopTimeout: duration.default(DEFAULT_ONSHUTDOWN_POLICY.stopTimeoutMs),
    timeout: timeLimit.exactOptional(),
  })
  .superRefine(checkDevLog, { when: isMap });

/** Otherwise the check would wait for the next run of a file with another mistake in this container. */
function isMap({ value }: { readonly value: unknown }): boolean {
  return typeof value === 'object' && value !== null;
}
