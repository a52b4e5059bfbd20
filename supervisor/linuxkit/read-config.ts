/**
 * What the supervisor has to know of a container whose config.json is somebody else's: the file holds as it is,
 * and this only reads. Pure.
 */
import type {
  BindMount,
  ContainerNamespaces,
  ContainerSpec,
  IdMapping,
  NamespaceMode,
} from '../../runc-shim/oci/container-spec.ts';
import type { GivenSpec } from '../../runc-shim/oci/given-spec.ts';
import { type Fields, isFields, isText, listOf, parseFields, type Place } from './fields.ts';
import { LinuxkitError } from './linuxkit-error.ts';

/** Throws `LinuxkitError`. @param path of the file, for the error */
export function parseConfig(text: string, path: string): GivenSpec {
  const place = { path, code: 'config-malformed' } as const;
  const { root, process, linux, mounts, ...rest } = parseFields(text, place);
  const wrong = [
    [process, 'process'] as const,
    [root, 'root'] as const,
    [linux, 'linux'] as const,
  ].find(([value]) => !isFields(value));
  if (wrong !== undefined || !isFields(process) || !isFields(root) || !isFields(linux)) {
    throw new LinuxkitError(
      place.code,
      path,
      `has no ${wrong?.[1]}: it is no config of a container`,
    );
  }
  const args = listOf(process['args'], isText, 'the args of its process', place);
  if (args.length === 0) {
    throw new LinuxkitError(place.code, path, 'its process has no args: there is nothing to run');
  }
  return {
    ...rest,
    process,
    root: { readonly: root['readonly'] === true },
    mounts: listOf(mounts, isMount, 'mounts', place),
    linux,
  };
}

/** The container as if the manifest had it. */
export function containerOf(
  given: GivenSpec,
  known: Pick<ContainerSpec, 'name' | 'image' | 'rootfs' | 'runtime'>,
  path: string,
): ContainerSpec {
  const place = { path, code: 'config-malformed' } as const;
  const { process, linux, annotations } = given;
  const user = isFields(process['user']) ? process['user'] : {};
  const cgroupsPath = linux['cgroupsPath'];
  return {
    ...known,
    args: listOf(process['args'], isText, 'the args of its process', place),
    env: listOf(process['env'], isText, 'the env of its process', place),
    cwd: isText(process['cwd']) ? process['cwd'] : '/',
    user: {
      uid: numberOf(user['uid']),
      gid: numberOf(user['gid']),
      additionalGids: listOf(
        user['additionalGids'],
        isNumber,
        'the additionalGids of its user',
        place,
      ),
    },
    capabilities: capabilitiesOf(process['capabilities'], place),
    ambient: [],
    noNewPrivileges: process['noNewPrivileges'] === true,
    readonly: given.root.readonly,
    binds: given.mounts.flatMap(bindOf),
    tmpfs: [],
    namespaces: namespacesOf(listOf(linux['namespaces'], isFields, 'linux.namespaces', place)),
    rlimits: [],
    ...(process['terminal'] === true ? { terminal: true } : {}),
    ...mappings('uidMappings', linux, place),
    ...mappings('gidMappings', linux, place),
    ...(isTexts(annotations) ? { annotations } : {}),
    // Relative or absolute, the runtime takes it from the top of the tree.
    ...(isText(cgroupsPath) && cgroupsPath !== ''
      ? { cgroupsPath: `/${cgroupsPath.replace(/^\/+/, '')}` }
      : {}),
    given,
  };
}

function namespacesOf(list: readonly Fields[]): ContainerNamespaces {
  const mode = (type: string): NamespaceMode => {
    const found = list.find((each) => each['type'] === type);
    if (found === undefined) return 'host';
    const { path } = found;
    return isText(path) && path !== '' ? { path } : 'new';
  };
  return {
    net: mode('network'),
    ipc: mode('ipc'),
    uts: mode('uts'),
    pid: mode('pid'),
    user: mode('user'),
    cgroup: mode('cgroup'),
    time: mode('time'),
  };
}

/** Those of a directory or file of the machine; the runtime mounts them, and the launch looks for the source. */
function bindOf({ destination, type, source, options }: GivenSpec['mounts'][number]): BindMount[] {
  const words = Array.isArray(options) ? options.filter(isText) : [];
  const isBind = type === 'bind' || words.includes('bind') || words.includes('rbind');
  return isBind && isText(source) ? [{ source, destination, options: words }] : [];
}

function capabilitiesOf(value: unknown, place: Place): readonly string[] {
  return isFields(value)
    ? listOf(value['bounding'], isText, 'its bounding capabilities', place)
    : [];
}

function mappings(
  key: 'uidMappings' | 'gidMappings',
  linux: Fields,
  place: Place,
): { readonly [K in typeof key]?: readonly IdMapping[] } {
  const found = listOf(linux[key], isMapping, `linux.${key}`, place);
  return found.length === 0 ? {} : { [key]: found };
}

function isMapping(value: unknown): value is IdMapping {
  return (
    isFields(value) &&
    ['containerID', 'hostID', 'size'].every((key) => Number.isSafeInteger(value[key]))
  );
}

function isMount(value: unknown): value is GivenSpec['mounts'][number] {
  return isFields(value) && isText(value['destination']);
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isFields(value) && Object.values(value).every(isText);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function numberOf(value: unknown): number {
  return isNumber(value) ? value : 0;
}
