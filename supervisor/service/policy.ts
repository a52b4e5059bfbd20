/**
 * How a unit is to be supervised: what the YAML says beside the container itself. Written by the builder
 * with every default filled in, so that the guest decides nothing twice. Pure data.
 */

export interface ServicePolicy {
  readonly restart: RestartRule;
  /** Exit codes that count as success beside 0. */
  readonly successExitStatus: readonly number[];
  readonly startLimit?: StartLimit;
  /** Signal number. */
  readonly stopSignal: number;
  /** From the stop signal to the end of all its processes by force. */
  readonly stopTimeoutMs: number;
  /** From a launch to its program running; after it the run counts as failed. */
  readonly startTimeoutMs: number;
  /** The machine reboots when this service has failed for good, and powers off when it has finished. */
  readonly essential: boolean;
  readonly dependsOn: readonly Dependency[];
}

/**
 * `unless-stopped` and `always` differ for no machine that was not rebooted: neither starts again what
 * a person has stopped. `on-failure` gives up after `maxRestarts` in a row, if set.
 */
export type RestartRule =
  | { readonly kind: 'no' | 'always' | 'unless-stopped' }
  | { readonly kind: 'on-failure'; readonly maxRestarts?: number };

/** More than `burst` starts within `intervalMs`: the service has failed for good, and `action` follows. */
export interface StartLimit {
  readonly burst: number;
  readonly intervalMs: number;
  readonly action: 'none' | 'reboot' | 'poweroff';
}

export interface Dependency {
  /** Id of the other unit: a service's name, or an onboot task's `NNN-name`. */
  readonly unit: string;
  /** `started`: its program runs. `completed`: it has ended with success. */
  readonly condition: 'started' | 'completed';
  /** Whether this unit fails with one that has failed for good; otherwise it starts without. */
  readonly required: boolean;
}

export interface OnbootPolicy {
  /** After so long the task is killed and counts as failed. Absent: no limit. */
  readonly timeoutMs?: number;
  readonly successExitStatus: readonly number[];
  readonly stopSignal: number;
  readonly stopTimeoutMs: number;
  /** What a failure means for the machine. */
  readonly onFailure: 'continue' | 'halt' | 'reboot';
}

/** What a service has when the YAML says nothing (the numbers of Docker, which users know). */
export const DEFAULT_SERVICE_POLICY: ServicePolicy = {
  restart: { kind: 'unless-stopped' },
  successExitStatus: [],
  stopSignal: 15,
  stopTimeoutMs: 10_000,
  startTimeoutMs: 90_000,
  essential: false,
  dependsOn: [],
};

export const DEFAULT_ONBOOT_POLICY: OnbootPolicy = {
  successExitStatus: [],
  stopSignal: 15,
  stopTimeoutMs: 10_000,
  onFailure: 'continue',
};
