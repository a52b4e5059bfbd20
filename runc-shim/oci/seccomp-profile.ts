/**
 * A container's seccomp profile: the default one for its capabilities and architecture, or its own. Pure.
 */
import type { ContainerSpec, SeccompProfile, SeccompRule } from './container-spec.ts';
import { ALLOWED, ALLOWED_ON, ALLOWED_WITH, ARCHITECTURES } from './seccomp-syscalls.ts';

const EPERM = 1;
const ENOSYS = 38;

/** socket(2): no socket to the hypervisor, which may take a container for the machine. */
const AF_VSOCK = 40;

/** personality(2): PER_LINUX, UNAME26 for it, PER_LINUX32, the same for it, and the question what it is. */
const PERSONALITIES = [0x0, 0x8, 0x2_0000, 0x2_0008, 0xffff_ffff];

/** clone(2): all CLONE_NEW… that make a namespace, of which none may be set. */
const CLONE_NAMESPACES = 0x7e02_0000;

/** @param arch as Node names it. @returns `undefined` where nothing is filtered. */
export function seccompSpec(container: ContainerSpec, arch: string): SeccompProfile | undefined {
  const { seccomp, capabilities, ambient } = container;
  return seccomp === 'default' ? defaultProfile([...capabilities, ...ambient], arch) : seccomp;
}

/** What is not allowed fails with EPERM, as a call for which a capability is missing does. */
function defaultProfile(capabilities: readonly string[], arch: string): SeccompProfile {
  const granted = new Set(capabilities.flatMap((capability) => ALLOWED_WITH[capability] ?? []));
  const names = new Set([...ALLOWED, ...(ALLOWED_ON[arch] ?? []), ...granted]);
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EPERM,
    architectures: ARCHITECTURES[arch] ?? [],
    syscalls: [
      allow([...names]),
      allow(['socket'], { value: AF_VSOCK, op: 'SCMP_CMP_NE' }),
      ...PERSONALITIES.map((value) => allow(['personality'], { value, op: 'SCMP_CMP_EQ' })),
      ...(granted.has('clone') ? [] : cloneWithoutNamespaces()),
    ],
  };
}

/**
 * Threads and children are made with clone. The flags of clone3 lie in memory, where a filter cannot look:
 * with ENOSYS a C library goes back to clone.
 */
function cloneWithoutNamespaces(): SeccompRule[] {
  return [
    allow(['clone'], { value: CLONE_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }),
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
  ];
}

function allow(
  names: readonly string[],
  ...args: readonly { value: number; valueTwo?: number; op: string }[]
): SeccompRule {
  const rule = { names, action: 'SCMP_ACT_ALLOW' };
  if (args.length === 0) return rule;
  return { ...rule, args: args.map((argument) => ({ index: 0, ...argument })) };
}
