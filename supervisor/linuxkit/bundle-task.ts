/**
 * A bundle as LinuxKit's builder lays it out → a container of the manifest. Pure: who reads the files is
 * init/linuxkit/read-root.ts. What cannot be understood becomes a container with a `problem`, so that the unit
 * is there to be seen, failed, and everything else runs.
 */
import { join } from 'node:path';
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import type { ManifestContainer, OnbootTask, OnshutdownTask, Service } from '../manifest.ts';
import {
  DEFAULT_ONBOOT_POLICY,
  DEFAULT_ONSHUTDOWN_POLICY,
  DEFAULT_SERVICE_POLICY,
  type ServicePolicy,
} from '../service/policy.ts';
import {
  AnnotationError,
  type ServiceAnnotations,
  onbootAnnotations,
  onshutdownAnnotations,
  serviceAnnotations,
  writableSizeOf,
} from './annotations.ts';
import { LinuxkitError } from './linuxkit-error.ts';
import { containerOf, parseConfig } from './read-config.ts';
import { type BundleRuntime, parseRuntime } from './read-runtime.ts';

export interface BundleFiles {
  /** The bundle's directory: `/containers/services/redis`. */
  readonly dir: string;
  /** The text of a file in it; `undefined` when there is none. Throws the errno error of one that cannot be read. */
  readonly read: (name: string) => string | undefined;
  /** Whether there is a directory of this path. */
  readonly isDirectory: (path: string) => boolean;
}

export function onbootOf(name: string, files: BundleFiles): OnbootTask {
  return orProblem<Pick<OnbootTask, 'policy'>>(name, files, {
    policyOf: (annotations) => ({ policy: onbootAnnotations(annotations) }),
    broken: { policy: DEFAULT_ONBOOT_POLICY },
  });
}

export function onshutdownOf(name: string, files: BundleFiles): OnshutdownTask {
  return orProblem<Pick<OnshutdownTask, 'policy'>>(name, files, {
    policyOf: (annotations) => ({ policy: onshutdownAnnotations(annotations) }),
    broken: { policy: DEFAULT_ONSHUTDOWN_POLICY },
  });
}

export function serviceOf(name: string, files: BundleFiles): Service {
  const service = orProblem<ServiceAnnotations>(name, files, {
    policyOf: serviceAnnotations,
    broken: { policy: BROKEN_SERVICE },
  });
  return { preStart: [], ...service };
}

/** There is nothing to try again. */
const BROKEN_SERVICE: ServicePolicy = { ...DEFAULT_SERVICE_POLICY, restart: { kind: 'no' } };

/** The service as one that cannot be run. */
export function brokenService(service: Service, problem: string): Service {
  return { ...service, policy: BROKEN_SERVICE, problem };
}

function orProblem<P>(
  name: string,
  files: BundleFiles,
  {
    policyOf,
    broken,
  }: {
    readonly policyOf: (annotations: Readonly<Record<string, string>>) => P;
    readonly broken: P;
  },
): ManifestContainer & P {
  try {
    const container = readBundle(name, files);
    return { ...container, ...policyOf(container.annotations ?? {}) };
  } catch (error) {
    return { ...NOTHING, name, image: files.dir, ...broken, problem: problemOf(error, files.dir) };
  }
}

/** Anything else is a mistake in the program. */
function problemOf(error: unknown, dir: string): string {
  if (error instanceof LinuxkitError) return `${error.code}: ${error.message}`;
  if (error instanceof AnnotationError) return `annotation: ${dir}/config.json: ${error.message}`;
  if (errnoCode(error) !== undefined) return `unreadable: ${dir}: ${errorMessage(error)}`;
  throw error;
}

function readBundle(name: string, { dir, read, isDirectory }: BundleFiles): ContainerSpec {
  const config = read('config.json');
  if (config === undefined) {
    throw new LinuxkitError('config-missing', dir, 'half a bundle: there is no config.json in it');
  }
  const path = join(dir, 'config.json');
  const given = parseConfig(config, path);
  // Without the file there is nothing to be done; LinuxKit's own service says so, too.
  const runtime = read('runtime.json');
  const { lower, writableSize, steps }: BundleRuntime =
    runtime === undefined ? { steps: {} } : parseRuntime(runtime, dir);
  const places = lower === undefined ? [join(dir, 'lower'), join(dir, 'rootfs')] : [lower];
  const rootfs = places.find(isDirectory);
  if (rootfs === undefined) {
    throw new LinuxkitError('root-missing', dir, `there is no ${places.join(' and no ')}`);
  }
  const container = containerOf(given, { name, image: dir, rootfs, runtime: steps }, path);
  const size = writableSizeOf(container.annotations ?? {}) ?? writableSize;
  return size === undefined ? container : { ...container, writableSize: size };
}

const NOTHING: Omit<ContainerSpec, 'name' | 'image'> = {
  rootfs: '',
  args: [],
  env: [],
  cwd: '/',
  user: { uid: 0, gid: 0, additionalGids: [] },
  capabilities: [],
  ambient: [],
  noNewPrivileges: true,
  readonly: true,
  binds: [],
  tmpfs: [],
  namespaces: { net: 'host', ipc: 'host', uts: 'host', pid: 'new' },
  rlimits: [],
};
