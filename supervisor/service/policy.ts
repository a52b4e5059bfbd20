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
  /** From a launch to the service being ready; after it the run counts as failed. */
  readonly startTimeoutMs: number;
  /** When a service is up. Absent: as soon as its program runs. */
  readonly readiness?: Readiness;
  readonly health?: HealthCheck;
  /** The machine reboots when this service has failed for good, and powers off when it has finished. */
  readonly essential: boolean;
  readonly dependsOn: readonly Dependency[];
  /** What else must be there before each launch; nothing of it fails, it only waits. */
  readonly waitsFor: readonly Condition[];
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
  /**
   * `started`: it is up, which is what its readiness says. `healthy`: its health check has passed and has
   * not failed since. `completed`: it has ended with success.
   */
  readonly condition: 'started' | 'healthy' | 'completed';
  /** Whether this unit fails with one that has failed for good; otherwise it starts without. */
  readonly required: boolean;
}

/** What the machine has, and not a unit. */
export type Condition =
  | { readonly kind: 'path'; readonly path: string }
  /** This interface has an address; without a name, any but the loopback. Link-local ones do not count. */
  | { readonly kind: 'network'; readonly interface?: string }
  /**
   * `set`: the clock shows a time after this program was made. `synchronized`: a time source keeps it
   * right (adjtimex(2), STA_UNSYNC is clear).
   */
  | { readonly kind: 'time'; readonly is: 'set' | 'synchronized' };

/**
 * `health`: the first health check that passes. `fd`: a newline on this descriptor (s6's notification
 * fd). `notify`: `READY=1` on the socket that NOTIFY_SOCKET names (sd_notify(3)).
 */
export type Readiness =
  { readonly kind: 'health' | 'notify' } | { readonly kind: 'fd'; readonly fd: number };

/** Times and counts have Docker's meanings and defaults. */
export interface HealthCheck {
  readonly probe: Probe;
  /** From the end of one probe to the next, and from the start to the first one. */
  readonly intervalMs: number;
  /** A probe that takes longer has failed. */
  readonly timeoutMs: number;
  /** So many failures in a row make it unhealthy. */
  readonly retries: number;
  /** So long after the start failures do not count; the first success ends it. */
  readonly startPeriodMs: number;
  /** Instead of `intervalMs` during the start period. */
  readonly startIntervalMs: number;
  readonly onUnhealthy: 'none' | 'restart';
}

/** What is asked, from where the service is: in its network namespace, in its root. */
export type Probe =
  /** Exit code 0 passes. */
  | { readonly kind: 'exec'; readonly args: readonly string[] }
  /** A status from 200 to 399 passes. */
  | {
      readonly kind: 'http';
      readonly host: string;
      readonly port: number;
      readonly path: string;
    }
  /** An accepted connection passes. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** The file is there and, with a limit, was changed that recently. */
  | { readonly kind: 'file'; readonly path: string; readonly maxAgeMs?: number };

/** How a task is run that must end: before the services (`onboot`) or before the end (`onshutdown`). */
export interface TaskPolicy {
  /** After so long the task is killed and counts as failed. Absent: no limit. */
  readonly timeoutMs?: number;
  readonly successExitStatus: readonly number[];
  readonly stopSignal: number;
  readonly stopTimeoutMs: number;
}

export interface OnbootPolicy extends TaskPolicy {
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
  waitsFor: [],
};

/** Docker's numbers. */
export const DEFAULT_HEALTH_CHECK: Omit<HealthCheck, 'probe'> = {
  intervalMs: 30_000,
  timeoutMs: 30_000,
  retries: 3,
  startPeriodMs: 0,
  startIntervalMs: 5_000,
  onUnhealthy: 'none',
};

export const DEFAULT_ONBOOT_POLICY: OnbootPolicy = {
  successExitStatus: [],
  stopSignal: 15,
  stopTimeoutMs: 10_000,
  onFailure: 'continue',
};

/** All such tasks share the 90 s that the end of the machine may take: one must not use them up. */
export const DEFAULT_ONSHUTDOWN_POLICY: TaskPolicy = {
  timeoutMs: 30_000,
  successExitStatus: [],
  stopSignal: 15,
  stopTimeoutMs: 10_000,
};
