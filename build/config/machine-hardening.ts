/**
 * What is closed on the machine itself, each measure with its reason and the name it is switched off by
 * (`hardening:` of the file). Pure.
 */
import { z } from 'zod';
import type { MachineHardening } from '../../supervisor/manifest.ts';
import type { Defaults } from './hardening.ts';

export interface Measure {
  readonly reason: string;
  /** Values by key with dots (Documentation/admin-guide/sysctl of the kernel, net.rst among them). */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Processes start with a limit of no core file at all (RLIMIT_CORE, getrlimit(2)). */
  readonly noCoreFiles?: true;
  /** As `sysctls`, but only once the boot has settled. */
  readonly whenSettled?: Readonly<Record<string, string>>;
  /** Services see what they may of other users' processes: nothing (`hidepid`, proc(5)). */
  readonly hidesProcesses?: true;
  /** A word of the kernel's command line, in images that are signed (`sign:`). */
  readonly signedCmdline?: string;
}

export const MEASURE_NAMES = [
  'kexec',
  'sysrq',
  'kernelPointers',
  'kernelLog',
  'bpf',
  'userfaultfd',
  'ptrace',
  'links',
  'coreDumps',
  'processes',
  'modules',
  'lockdown',
] as const;

export type MeasureName = (typeof MEASURE_NAMES)[number];

export const MEASURES: Readonly<Record<MeasureName, Measure>> = {
  kexec: {
    reason: 'nobody starts another kernel in the place of this one',
    sysctls: { 'kernel.kexec_load_disabled': '1' },
  },
  sysrq: {
    reason: 'a key or a break on the serial line can sync, remount read-only and reboot, no more',
    // 16 sync, 32 remount read-only, 128 reboot (sysrq.rst).
    sysctls: { 'kernel.sysrq': '176' },
  },
  kernelPointers: {
    reason: 'addresses of the kernel, which an attack on it needs, are shown to nobody',
    sysctls: { 'kernel.kptr_restrict': '2' },
  },
  kernelLog: {
    reason: 'the log of the kernel is for those with CAP_SYSLOG',
    sysctls: { 'kernel.dmesg_restrict': '1' },
  },
  bpf: {
    reason:
      'only those with CAP_BPF load programs into the kernel, and filters of others are blinded',
    sysctls: { 'kernel.unprivileged_bpf_disabled': '1', 'net.core.bpf_jit_harden': '1' },
  },
  userfaultfd: {
    reason: 'nobody without privileges halts the kernel inside a copy of memory',
    sysctls: { 'vm.unprivileged_userfaultfd': '0' },
  },
  ptrace: {
    reason: 'a process looks into another one only with CAP_SYS_PTRACE',
    sysctls: { 'kernel.yama.ptrace_scope': '2' },
  },
  links: {
    reason: 'links, FIFOs and files of others in a directory that all can write to mislead nobody',
    sysctls: {
      'fs.protected_hardlinks': '1',
      'fs.protected_symlinks': '1',
      'fs.protected_fifos': '1',
      'fs.protected_regular': '1',
    },
  },
  coreDumps: {
    reason: 'the memory of a program that crashed, secrets and all, is not written to a disk',
    sysctls: { 'fs.suid_dumpable': '0' },
    noCoreFiles: true,
  },
  processes: {
    reason: 'programs of services see the processes of other users only with the group root',
    sysctls: {},
    hidesProcesses: true,
  },
  modules: {
    reason: 'once the boot has settled, no more code gets into the kernel',
    sysctls: {},
    whenSettled: { 'kernel.modules_disabled': '1' },
  },
  lockdown: {
    reason: 'the kernel of an image that is signed lets nobody change it, root neither',
    sysctls: {},
    // kernel_lockdown(7).
    signedCmdline: 'lockdown=integrity',
  },
};

/** What the file says; a measure that it does not name follows `defaults`. */
export type HardeningConfig = Readonly<Partial<Record<MeasureName, boolean>>>;

export const hardeningSchema: z.ZodType<HardeningConfig> = z.strictObject(
  Object.fromEntries(MEASURE_NAMES.map((name) => [name, z.boolean().exactOptional()])),
);

export interface HardeningChoice {
  readonly defaults: Defaults;
  readonly hardening: HardeningConfig;
}

export function isTaken(name: MeasureName, { defaults, hardening }: HardeningChoice): boolean {
  return hardening[name] ?? defaults === 'hardened';
}

/** The kernel's command line with what measures add to it, unless it says that itself. */
export function withLockdown(
  cmdline: string,
  { sign, ...choice }: HardeningChoice & { readonly sign?: unknown },
): string {
  const word = MEASURES.lockdown.signedCmdline;
  if (sign === undefined || word === undefined || !isTaken('lockdown', choice)) return cmdline;
  return /(?:^|\s)lockdown=/u.test(cmdline) ? cmdline : `${word} ${cmdline}`.trimEnd();
}

/**
 * What the guest is to do; `undefined` when that is nothing.
 * @param capabilities of what runs after the boot: who may load modules is not kept from it, unless the file says so
 */
export function compileHardening(
  choice: HardeningChoice,
  capabilities: ReadonlySet<string> = new Set(),
): MachineHardening | undefined {
  const taken = MEASURE_NAMES.filter((name) => isTaken(name, choice));
  if (taken.length === 0) return undefined;
  const measures = taken.map((name) => MEASURES[name]);
  const loadsModules = capabilities.has('CAP_SYS_MODULE') && choice.hardening.modules !== true;
  const { whenSettled } = taken.includes('modules') && !loadsModules ? MEASURES.modules : {};
  return {
    ...(whenSettled && { whenSettled }),
    sysctls: Object.assign({}, ...measures.map(({ sysctls }) => sysctls)) as Measure['sysctls'],
    coreFiles: !measures.some(({ noCoreFiles }) => noCoreFiles === true),
  };
}
