import { expect, it } from 'vitest';
import { type BootStep, planBoot } from '../../../../init/boot/plan.ts';
import { runPhase } from '../../../../init/boot/run-plan.ts';

const cold = { imageName: 'm', panicTimeout: 7, reExecuted: false };

const kinds = (facts: typeof cold): string[] =>
  planBoot(facts).flatMap(({ steps }) => steps.map(({ kind }) => kind));

it('planBoot() makes the root pivotable before anything is mounted on it', () => {
  expect(kinds(cold)[0]).toBe('make-root-pivotable');
});

it('planBoot() makes the root read-only after the last mount point was made', () => {
  const steps = planBoot(cold).flatMap(({ steps: list }) => list);
  const lastMount = steps.findLastIndex(({ kind }) => kind === 'mount');
  expect(steps.findIndex(({ name }) => name === 'read-only root')).toBeGreaterThan(lastMount);
});

it('planBoot() mounts a parent before what lies on it', () => {
  const targets = planBoot(cold)
    .flatMap(({ steps }) => steps)
    .flatMap((step) => (step.kind === 'mount' ? [step.target] : []));
  targets.forEach((target, index) => {
    const parents = targets.filter((other) => target.startsWith(`${other}/`));
    for (const parent of parents) expect(targets.indexOf(parent)).toBeLessThan(index);
  });
});

it('planBoot() never makes a mount point inside /proc', () => {
  // mkdir -p below /proc does not return (Node 26.10): such a mount must be optional.
  const required = planBoot(cold)
    .flatMap(({ steps }) => steps)
    .filter((step) => step.kind === 'mount' && step.optional !== true);
  expect(required.some((step) => 'target' in step && step.target.startsWith('/proc/'))).toBe(false);
});

it('planBoot() loads what makes buttons readable, which no modalias on a bus asks for', () => {
  const steps = planBoot(cold).flatMap(({ steps: list }) => list);
  const coldplug = steps.findIndex(({ kind }) => kind === 'coldplug');
  expect(steps.slice(coldplug)).toContainEqual(expect.objectContaining({ modules: ['evdev'] }));
});

it('planBoot() hands on what is to follow a panic', () => {
  const steps = planBoot(cold).flatMap(({ steps: list }) => list);
  expect(steps).toContainEqual({ name: 'panic', kind: 'panic', timeout: 7 });
});

it('planBoot() closes the machine before anything from an image can run', () => {
  const sysctls = { 'kernel.sysrq': '176', 'kernel.kptr_restrict': '2' };
  const phases = planBoot({ ...cold, hardening: { sysctls, coreFiles: false } });
  const before = phases.filter(({ besideCreation }) => besideCreation !== true);
  const steps = before.flatMap(({ steps: list }) => list);
  for (const [key, value] of Object.entries(sysctls)) {
    const values = { [key]: value };
    expect(steps).toContainEqual({ name: key, kind: 'sysctl', values, optional: true });
  }
});

it('planBoot() forbids core files before a daemon starts, whose containers inherit it', () => {
  const phases = planBoot({ ...cold, hardening: { sysctls: {}, coreFiles: false } });
  const limits = { name: 'limits', kind: 'limits', coreFiles: false };
  expect(phases.find(({ daemonsAfter }) => daemonsAfter === true)?.steps).toContainEqual(limits);
  expect(kinds(cold).filter((kind) => kind === 'limits')).toHaveLength(1);
});

it('planBoot() starts daemons once they have a cgroup and their limits, at a re-exec too', () => {
  const before = (facts: typeof cold): string[] => {
    const phases = planBoot(facts);
    const last = phases.findIndex(({ daemonsAfter }) => daemonsAfter === true);
    return phases.slice(0, last + 1).flatMap(({ steps }) => steps.map(({ kind }) => kind));
  };
  expect(before(cold)).toEqual(expect.arrayContaining(['mount', 'cgroups', 'limits']));
  expect(before(cold)).not.toContain('coldplug');
  expect(before({ ...cold, reExecuted: true })).toEqual(['end-own-processes']);
});

it('planBoot() looks for a crash once the drivers are there that may have kept it', () => {
  expect(kinds(cold).indexOf('pstore')).toBeGreaterThan(kinds(cold).indexOf('coldplug'));
});

it('planBoot() repeats nothing of the cold boot after a re-exec', () => {
  expect(kinds({ ...cold, reExecuted: true })).toEqual(['end-own-processes']);
});

it('runPhase() goes on after a failed step and writes down each outcome', async () => {
  const steps = ['a', 'b', 'c'].map((name): BootStep => ({ name, kind: 'loopback' }));
  let clock = 0;
  const report = await runPhase(
    { name: 'p', steps },
    (step) => {
      if (step.name === 'a') return Promise.reject(new Error('no such thing'));
      return Promise.resolve(step.name === 'b' ? 'not here' : undefined);
    },
    () => (clock += 5),
  );
  expect(report.steps).toEqual([
    { name: 'a', startMs: 5, endMs: 10, outcome: 'failed', detail: 'no such thing' },
    { name: 'b', startMs: 15, endMs: 20, outcome: 'skipped', detail: 'not here' },
    { name: 'c', startMs: 25, endMs: 30, outcome: 'ok' },
  ]);
});
