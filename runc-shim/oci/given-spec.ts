/**
 * An OCI runtime spec that somebody else has written, LinuxKit's builder say. It holds as it is: what a launch
 * has to change is where the root and the cgroup are, and what the supervisor adds for itself. Pure.
 */
import type { BindMount, ContainerSpec } from './container-spec.ts';
import type { ProcessSpec, RuntimeSpec } from './runtime-spec.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What is not named here is passed on unread. */
export interface GivenSpec extends Fields {
  readonly process: Fields;
  readonly root: { readonly readonly: boolean };
  readonly mounts: readonly (Fields & { readonly destination: string })[];
  readonly linux: Fields;
}

export function placeGivenSpec(
  given: GivenSpec,
  container: ContainerSpec,
  place: { readonly rootfsPath: string; readonly cgroupsPath: string },
): RuntimeSpec {
  const { mounts, linux, root } = given;
  const added = container.binds.filter(
    ({ destination }) => !mounts.some((mount) => mount.destination === destination),
  );
  const spec = {
    ...given,
    process: { ...givenProcess(given, container), ...terminalOf(given) },
    // In this order: with-root.ts looks for the path.
    root: { path: place.rootfsPath, readonly: root.readonly },
    mounts: [...mounts, ...added.map(bindMount)],
    linux: { ...linux, cgroupsPath: place.cgroupsPath },
  };
  // Whoever wrote it answers for the rest of it; the runtime says what it does not accept.
  return spec as unknown as RuntimeSpec;
}

/** Its program without a terminal, with the arguments and the environment that `container` has by now. */
export function givenProcess(given: GivenSpec, container: ContainerSpec): ProcessSpec {
  const { consoleSize: _ofTerminal, ...process } = given.process;
  const { args, env, cwd, user } = container;
  return { user, ...process, cwd, terminal: false, args, env } as unknown as ProcessSpec;
}

function terminalOf({ process }: GivenSpec): Fields {
  const { terminal, consoleSize } = process;
  if (terminal !== true) return {};
  return { terminal, ...(consoleSize === undefined ? {} : { consoleSize }) };
}

function bindMount({ source, destination, options }: BindMount): GivenSpec['mounts'][number] {
  return { destination, type: 'bind', source, options };
}
