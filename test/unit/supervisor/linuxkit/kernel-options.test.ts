import { expect, it } from 'vitest';
import { kernelOptionWarnings } from '../../../../supervisor/linuxkit/kernel-options.ts';

it('kernelOptionWarnings() names what is not followed, and what there is not', () => {
  const cmdline =
    'console=ttyS0 linuxkit.unified_cgroup_hierarchy=0 linuxkit.runc_debug=1 linuxkit.runc_console=1 linuxkit.x\n';
  expect(kernelOptionWarnings(cmdline)).toEqual([
    expect.stringContaining('linuxkit.unified_cgroup_hierarchy=0: there is cgroup v2 only'),
    expect.stringContaining('linuxkit.runc_debug=1: '),
    expect.stringContaining('linuxkit.runc_console=1: '),
    'linuxkit.x: there is no such option',
  ]);
});

it('kernelOptionWarnings() has nothing to say of what is done anyhow', () => {
  const cmdline = 'linuxkit.unified_cgroup_hierarchy=1 linuxkit.runc_debug=0 quiet';
  expect(kernelOptionWarnings(cmdline)).toEqual([]);
});
