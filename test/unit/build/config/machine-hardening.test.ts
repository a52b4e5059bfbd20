import { expect, it, test } from 'vitest';
import { explainHardening } from '../../../../build/cli/explain-hardening.ts';
import {
  compileHardening,
  hardeningSchema,
  MEASURE_NAMES,
  type MeasureName,
  MEASURES,
  withLockdown,
} from '../../../../build/config/machine-hardening.ts';

it('compileHardening() takes every measure where nothing is said', () => {
  const { sysctls, coreFiles } = compileHardening({ defaults: 'hardened', hardening: {} }) ?? {};
  expect(Object.keys(sysctls ?? {})).toHaveLength(13);
  expect(sysctls).toMatchObject({ 'kernel.sysrq': '176', 'kernel.yama.ptrace_scope': '2' });
  expect(coreFiles).toBe(false);
});

/** Of whom the manifest itself says nothing: services' /proc, and the command line. */
const ELSEWHERE: readonly MeasureName[] = ['processes', 'lockdown'];

test.each(MEASURE_NAMES)('compileHardening() leaves out %s where the file says so', (name) => {
  const all = compileHardening({ defaults: 'hardened', hardening: {} });
  const some = compileHardening({ defaults: 'hardened', hardening: { [name]: false } });
  if (ELSEWHERE.includes(name)) expect(some).toEqual(all);
  else expect(some).not.toEqual(all);
  expect({ ...some?.sysctls, ...MEASURES[name].sysctls }).toEqual(all?.sysctls);
  expect({ ...some?.whenSettled, ...MEASURES[name].whenSettled }).toEqual(all?.whenSettled);
  expect(some?.coreFiles).toBe(name === 'coreDumps');
});

it('compileHardening() leaves modules to who may load them, unless the file says otherwise', () => {
  const capabilities = new Set(['CAP_SYS_MODULE']);
  const choice = { defaults: 'hardened', hardening: {} } as const;
  expect(compileHardening(choice)?.whenSettled).toEqual({ 'kernel.modules_disabled': '1' });
  expect(compileHardening(choice, capabilities)?.whenSettled).toBeUndefined();
  const wanted = { ...choice, hardening: { modules: true } };
  expect(compileHardening(wanted, capabilities)?.whenSettled).toBeDefined();
});

it("compileHardening() leaves a machine with LinuxKit's defaults as its kernel has it", () => {
  expect(compileHardening({ defaults: 'linuxkit', hardening: {} })).toBeUndefined();
  expect(compileHardening({ defaults: 'linuxkit', hardening: { kexec: true } })).toEqual({
    sysctls: { 'kernel.kexec_load_disabled': '1' },
    coreFiles: true,
  });
});

test('hardening: knows all measures, and no others', () => {
  const all = Object.fromEntries(MEASURE_NAMES.map((name) => [name, false]));
  expect(hardeningSchema.parse(all)).toEqual(all);
  expect(hardeningSchema.safeParse({ kexek: false }).success).toBe(false);
  expect(hardeningSchema.safeParse({ kexec: 'off' }).success).toBe(false);
});

it('explainHardening() says of each measure whether it holds, why, and the other way', () => {
  const text = explainHardening({ defaults: 'hardened', hardening: { kexec: false } });
  for (const name of MEASURE_NAMES) expect(text).toContain(MEASURES[name].reason);
  expect(text).toContain('kernel.kexec_load_disabled=1; on with "hardening: {kexec: true}"');
  expect(text).toContain(
    'fs.suid_dumpable=0 RLIMIT_CORE=0; off with "hardening: {coreDumps: false}"',
  );
});

test.each([
  ['panic=10', { sign: {} }, 'lockdown=integrity panic=10'],
  ['', { sign: {} }, 'lockdown=integrity'],
  ['panic=10', {}, 'panic=10'],
  ['lockdown=confidentiality', { sign: {} }, 'lockdown=confidentiality'],
  ['panic=10', { sign: {}, hardening: { lockdown: false } }, 'panic=10'],
  ['panic=10', { sign: {}, defaults: 'linuxkit' }, 'panic=10'],
] as const)('the command line %j of an image with %j', (cmdline, config, expected) => {
  const choice = { defaults: 'hardened', hardening: {}, ...config } as const;
  expect(withLockdown(cmdline, choice)).toBe(expected);
});
