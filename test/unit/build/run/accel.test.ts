import { describe, expect, it } from 'vitest';
import { type HostFacts, hasSerialConsole, planAccel } from '../../../../build/run/accel.ts';

const GOOD: HostFacts = { kvmOpens: true, kvmHung: false, serialConsole: true };

describe('planAccel()', () => {
  it('auto tries KVM and watches for the first output', () => {
    expect(planAccel('auto', GOOD)).toEqual({ accel: 'kvm', watch: true });
  });

  it.each<[string, Partial<HostFacts>]>([
    ['/dev/kvm does not open', { kvmOpens: false }],
    ['a guest hung under KVM before', { kvmHung: true }],
    ['a hang could not be seen', { serialConsole: false }],
  ])('auto emulates and says why when %s', (_, facts) => {
    const plan = planAccel('auto', { ...GOOD, ...facts });
    expect(plan.accel).toBe('tcg');
    expect(plan.watch).toBe(false);
    expect(plan.note).not.toBe('');
    expect(plan.note).toBeDefined();
  });

  it('kvm by hand is obeyed without watching, whatever is known', () => {
    const facts = { kvmOpens: false, kvmHung: true, serialConsole: false };
    expect(planAccel('kvm', facts)).toEqual({ accel: 'kvm', watch: false });
  });

  it('tcg by hand is obeyed where KVM works', () => {
    expect(planAccel('tcg', GOOD)).toEqual({ accel: 'tcg', watch: false });
  });
});

describe('hasSerialConsole()', () => {
  it.each(['console=ttyS0', 'quiet console=ttyS0,115200n8 x', 'console=tty0\tconsole=ttyS0'])(
    'finds it in %j',
    (cmdline) => {
      expect(hasSerialConsole(cmdline)).toBe(true);
    },
  );

  it.each(['', 'console=tty0', 'console=ttyS01', 'xconsole=ttyS0', 'console=ttyS1'])(
    'does not find it in %j',
    (cmdline) => {
      expect(hasSerialConsole(cmdline)).toBe(false);
    },
  );
});
