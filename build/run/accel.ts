/**
 * KVM or emulation? The decision, as a pure function of what was asked and what is known of the host.
 *
 * /dev/kvm that opens proves nothing: on some hosts (nested virtualisation, mostly) the guest then hangs
 * without a word. The only proof is the kernel's first output on the serial line, so `auto` starts
 * with KVM and watches for it; a verdict against KVM is remembered until the host reboots (kvm-verdict.ts).
 */
import type { Accel } from './qemu-args.ts';

export type AccelRequest = 'auto' | Accel;

export interface HostFacts {
  /** /dev/kvm can be opened for reading and writing. */
  readonly kvmOpens: boolean;
  /** A guest hung under KVM since this host booted. */
  readonly kvmHung: boolean;
  /** The guest's kernel writes to the first serial line. */
  readonly serialConsole: boolean;
  /** The kernel is for another architecture than this host's. */
  readonly foreign?: boolean;
}

export interface AccelPlan {
  readonly accel: Accel;
  /** Fall back to TCG when the serial line stays silent for `KVM_WATCH_MS`. */
  readonly watch: boolean;
  /** Why it is not what one might expect, for people. */
  readonly note?: string;
}

/** A Linux guest prints within a second under KVM, even a nested one; a hung one never does. */
export const KVM_WATCH_MS = 6_000;

export function planAccel(request: AccelRequest, facts: HostFacts): AccelPlan {
  if (request !== 'auto') return { accel: request, watch: false };
  if (facts.foreign === true) {
    const note = 'the machine is of another architecture: the processor is emulated';
    return { accel: 'tcg', watch: false, note };
  }
  if (!facts.kvmOpens)
    return { accel: 'tcg', watch: false, note: 'no KVM here: the processor is emulated' };
  if (facts.kvmHung) {
    return {
      accel: 'tcg',
      watch: false,
      note: 'KVM hung on this host before: the processor is emulated',
    };
  }
  if (!facts.serialConsole) {
    const note = 'without console=ttyS0 a hang under KVM cannot be seen: the processor is emulated';
    return { accel: 'tcg', watch: false, note };
  }
  return { accel: 'kvm', watch: true };
}

/** Whether a kernel with this command line writes to the first serial line. */
export function hasSerialConsole(cmdline: string): boolean {
  return cmdline.split(/\s+/).some((word) => /^console=tty(S|AMA)0(,|$)/.test(word));
}
