/**
 * The contract between `ishmael build` and the guest: what PID 1 is to run. Written by the builder at
 * `MANIFEST_PATH` of the root, read once at boot. Both sides import this file; `version` says whether a
 * guest understands it.
 */
import type { ContainerSpec } from '../runc-shim/oci/container-spec.ts';
import type { LogRules } from './log/log-rules.ts';
import type { SyslogTarget } from './syslog/target.ts';
import type { ConsolePolicy } from './console/policy.ts';
import type { OnbootPolicy, ServicePolicy, TaskPolicy } from './service/policy.ts';
import type { Volume } from './volume.ts';

export const MANIFEST_PATH = '/etc/ishmael/manifest.json';
export const MANIFEST_VERSION = 1;

/** A panic that nobody sees must not keep the machine down. */
export const DEFAULT_PANIC_TIMEOUT = 10;

/** How an image that a machine was updated to has to show that it is good. */
export interface TrialTerms {
  /** All services that are essential have been well for so long. */
  readonly goodAfterMs: number;
  /** So long after the start of the machine it is started again, if they have not. */
  readonly deadlineMs: number;
}

export interface UpdateTerms extends TrialTerms {
  /** PEM: whose signature a new image has to have. Absent: whoever may update the machine may do so with any. */
  readonly certificate?: string;
}

export const DEFAULT_TRIAL: TrialTerms = { goodAfterMs: 60_000, deadlineMs: 600_000 };

export interface Manifest {
  readonly version: typeof MANIFEST_VERSION;
  /** The image's name, as given to `ishmael build --name`. */
  readonly name: string;
  /** Read from the root of an image that LinuxKit's builder has made (docs/linuxkit.md), which has no manifest. */
  readonly from?: 'linuxkit';
  /**
   * As the kernel's `panic=`: after so many seconds it starts the machine again; at once when negative,
   * and never when 0.
   */
  readonly panicTimeout: number;
  /** Absent: the kernel's own settings stay as they are. */
  readonly hardening?: MachineHardening;
  /** Who is sent the machine's logs. Absent: nobody. */
  readonly syslog?: readonly SyslogTarget[];
  /** Absent: `DEFAULT_CONSOLE`. */
  readonly console?: ConsolePolicy;
  /** One-shot tasks, run one after another before any service. Names may repeat. */
  readonly onboot: readonly OnbootTask[];
  /** Long-running services; names are unique. */
  readonly services: readonly Service[];
  /** One-shot tasks, run one after another when the machine is to end, before the services stop. */
  readonly onshutdown: readonly OnshutdownTask[];
  /** Directories that containers share. Absent: none. */
  readonly volumes?: readonly Volume[];
  /** The disk has room for another image (supervisor/update/). Absent: it has not. */
  readonly updates?: UpdateTerms;
  /** What puts volumes on disks, run among the onboot tasks (`onbootTasks()`). Absent: nothing. */
  readonly volumeTasks?: readonly VolumeTask[];
}

/** What is closed on the machine itself, before anything runs on it. */
export interface MachineHardening {
  /** Values by key with dots: `kernel.sysrq`. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** The same, but only once the boot has settled. */
  readonly whenSettled?: Readonly<Record<string, string>>;
  /** Whether a program that crashes may leave its memory in a file. */
  readonly coreFiles: boolean;
}

/** What all kinds of containers have beside what their runtime needs to know. */
export interface ManifestContainer extends ContainerSpec {
  /** Absent: `DEFAULT_LOG_RULES`. */
  readonly log?: LogRules;
  /** Why it cannot be run at all. Only in an image of LinuxKit's builder: ours builds no such image. */
  readonly problem?: string;
}

export interface OnbootTask extends ManifestContainer {
  readonly policy: OnbootPolicy;
}

export interface VolumeTask extends OnbootTask {
  readonly volume: string;
  /** It runs behind so many of the onboot tasks. */
  readonly after: number;
}

export interface Service extends ManifestContainer {
  readonly policy: ServicePolicy;
  /** Who runs its container. Absent: PID 1 itself, with the OCI runtime of the image. */
  readonly engine?: 'containerd';
  /**
   * Commands run before the program at each launch, one after another, in the same container otherwise
   * (image, binds, capabilities, and the files that the one before has written). Each must exit with 0.
   */
  readonly preStart: readonly (readonly string[])[];
}

export interface OnshutdownTask extends ManifestContainer {
  readonly policy: TaskPolicy;
}

export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly code: 'not-json' | 'wrong-version' | 'malformed';

  constructor(code: ManifestError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Reads a manifest. The builder wrote it, so this checks what can really go wrong: a truncated file and
 * an image whose builder was newer than its guest. Throws `ManifestError`.
 */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ManifestError('not-json', 'Cannot read the manifest: it is not JSON', { cause });
  }
  if (!isRecord(value)) throw new ManifestError('malformed', 'Cannot read the manifest: no object');
  if (value['version'] !== MANIFEST_VERSION) {
    throw new ManifestError(
      'wrong-version',
      `Cannot read the manifest: version ${String(value['version'])}, this guest knows ${MANIFEST_VERSION}`,
    );
  }
  if (!Number.isSafeInteger(value['panicTimeout'])) {
    throw new ManifestError('malformed', 'Cannot read the manifest: panicTimeout is no number');
  }
  for (const section of ['onboot', 'services', 'onshutdown']) {
    if (isContainerList(value[section])) continue;
    throw new ManifestError('malformed', `Cannot read the manifest: ${section} is no list`);
  }
  return value as unknown as Manifest;
}

/** The unit id of the onboot task at `index`: names may repeat, ids may not (LinuxKit's `NNN-name`). */
export function onbootId(index: number, name: string): string {
  return `${String(index).padStart(3, '0')}-${name}`;
}

/** The unit id of what puts a volume on a disk. */
export function volumeTaskId(volume: string): string {
  return `volume-${volume}`;
}

/** All that runs one after another before the services, in order, with the ids of their units. */
export function onbootTasks({
  onboot,
  volumeTasks = [],
}: Pick<Manifest, 'onboot' | 'volumeTasks'>): readonly (readonly [id: string, task: OnbootTask])[] {
  const of = (place: number): (readonly [string, OnbootTask])[] =>
    volumeTasks
      .filter(({ after }) => after === place)
      .map((task) => [volumeTaskId(task.volume), task]);
  return [
    ...onboot.flatMap((task, index) => [...of(index), [onbootId(index, task.name), task] as const]),
    ...of(onboot.length),
  ];
}

/** The unit id of the onshutdown task at `index`, apart from those of onboot tasks. */
export function onshutdownId(index: number, name: string): string {
  return `onshutdown-${onbootId(index, name)}`;
}

/** Where a container's cgroup is, below the cgroup2 mount, unless the container says so itself. */
export function containerCgroup(section: 'onboot' | 'services' | 'onshutdown', id: string): string {
  return `/${section}/${id}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isContainerList(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (item) => isRecord(item) && typeof item['name'] === 'string' && Array.isArray(item['args']),
    )
  );
}
