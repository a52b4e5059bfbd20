import { describe, expect, test } from 'vitest';
import type { SeccompRule } from '../../../../runc-shim/oci/container-spec.ts';
import { seccompSpec } from '../../../../runc-shim/oci/seccomp-profile.ts';
import { containerSpec } from '../../../support/container-specs.ts';

/** The rules of the default profile for a call, with these capabilities. */
function rules(
  call: string,
  capabilities: readonly string[] = [],
  arch = 'x64',
): readonly Partial<SeccompRule>[] {
  const profile = seccompSpec(containerSpec({ seccomp: 'default', capabilities }), arch);
  return (profile?.syscalls ?? [])
    .filter(({ names }) => names.includes(call))
    .map(({ action, errnoRet, args }) => ({
      action,
      ...(errnoRet === undefined ? {} : { errnoRet }),
      ...(args === undefined ? {} : { args }),
    }));
}

const ALLOWED = { action: 'SCMP_ACT_ALLOW' };

describe('the default seccomp profile', () => {
  test('refuses with EPERM what no rule allows', () => {
    expect(seccompSpec(containerSpec({ seccomp: 'default' }), 'x64')).toMatchObject({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 1,
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    });
  });

  test.each(['read', 'execve', 'futex', 'epoll_wait', 'fork', 'ptrace', 'chown'])(
    'allows %s',
    (call) => expect(rules(call)).toEqual([ALLOWED]),
  );

  test.each([
    'keyctl',
    'add_key',
    'kexec_load',
    'swapon',
    'userfaultfd',
    'io_uring_setup',
    'nfsservctl',
  ])('allows %s to nobody', (call) =>
    expect(rules(call, ['CAP_SYS_ADMIN', 'CAP_SYS_BOOT'])).toEqual([]),
  );

  test.each([
    ['mount', 'CAP_SYS_ADMIN'],
    ['unshare', 'CAP_SYS_ADMIN'],
    ['chroot', 'CAP_SYS_CHROOT'],
    ['reboot', 'CAP_SYS_BOOT'],
    ['finit_module', 'CAP_SYS_MODULE'],
    ['clock_settime', 'CAP_SYS_TIME'],
    ['syslog', 'CAP_SYSLOG'],
    ['bpf', 'CAP_BPF'],
  ])('allows %s with %s only', (call, capability) => {
    expect(rules(call)).toEqual([]);
    expect(rules(call, [capability])).toEqual([ALLOWED]);
  });

  test('counts ambient capabilities', () => {
    const container = containerSpec({ seccomp: 'default', ambient: ['CAP_SYS_CHROOT'] });
    const names = seccompSpec(container, 'x64')?.syscalls?.flatMap((rule) => rule.names);
    expect(names).toContain('chroot');
  });

  test('lets children be made, but no namespaces without CAP_SYS_ADMIN', () => {
    expect(rules('clone')).toEqual([
      {
        ...ALLOWED,
        args: [{ index: 0, value: 0x7e020000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
    ]);
    expect(rules('clone3')).toEqual([{ action: 'SCMP_ACT_ERRNO', errnoRet: 38 }]);
    expect(rules('clone', ['CAP_SYS_ADMIN'])).toEqual([ALLOWED]);
    expect(rules('clone3', ['CAP_SYS_ADMIN'])).toEqual([ALLOWED]);
  });

  test('allows every socket but one to the hypervisor', () => {
    expect(rules('socket')).toEqual([
      { ...ALLOWED, args: [{ index: 0, value: 40, op: 'SCMP_CMP_NE' }] },
    ]);
  });

  test('knows the calls of the architecture', () => {
    expect(rules('arch_prctl')).toEqual([ALLOWED]);
    expect(rules('arch_prctl', [], 'arm64')).toEqual([]);
    expect(rules('sync_file_range2', [], 'arm64')).toEqual([ALLOWED]);
  });

  test('names each call once where it is allowed outright', () => {
    const [first] =
      seccompSpec(
        containerSpec({ seccomp: 'default', capabilities: ['CAP_SYSLOG', 'CAP_SYS_ADMIN'] }),
        'x64',
      )?.syscalls ?? [];
    expect(first?.names.length).toBe(new Set(first?.names).size);
  });
});

test('seccompSpec() leaves a profile of its own alone, and none where there is none', () => {
  const profile = { defaultAction: 'SCMP_ACT_LOG' };
  expect(seccompSpec(containerSpec({ seccomp: profile }), 'x64')).toBe(profile);
  expect(seccompSpec(containerSpec(), 'x64')).toBeUndefined();
});
