import { describe, expect, it } from 'vitest';
import { type ExecResult, RuntimeError } from '../../../../runc-shim/runtime.ts';
import { SysError } from '../../../../sys/errno.ts';
import { askHealth } from '../../../../supervisor/health/prober.ts';
import type { ProbeOutcome } from '../../../../supervisor/interpreter/launcher.ts';
import { DEFAULT_HEALTH_CHECK, type Probe } from '../../../../supervisor/service/policy.ts';
import { containerSpec } from '../../../support/container-specs.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

const EXEC: Probe = { kind: 'exec', args: ['/bin/check'] };
const DONE: ExecResult = { exit: { kind: 'exited', code: 0 }, timedOut: false, output: '' };

/** No process has this number. */
const NOBODY = 2 ** 30;

function ask(probe: Probe, exec: () => Promise<ExecResult>): Promise<ProbeOutcome> {
  const asked = { ...DEFAULT_HEALTH_CHECK, timeoutMs: 2_000, probe };
  const context = {
    sys: new FakeSys(),
    runtime: { exec },
    limitExec: <T>(work: () => T) => work(),
  };
  return askHealth(context, { id: 'web', container: containerSpec() }, asked, NOBODY);
}

describe('askHealth() of a command', () => {
  it.each<[string, Partial<ExecResult>, ProbeOutcome]>([
    ['has passed', { output: 'fine\n' }, { passed: true, output: 'fine' }],
    ['has failed', { exit: { kind: 'exited', code: 2 } }, { passed: false, output: 'exit code 2' }],
    [
      'has said why',
      { exit: { kind: 'exited', code: 2 }, output: 'no database\n' },
      { passed: false, output: 'exit code 2: no database' },
    ],
    [
      'took too long, whatever it then ended with',
      { timedOut: true, output: 'so far' },
      { passed: false, output: 'killed, not finished within 2.0 s: so far' },
    ],
  ])('that %s', async (_what, result, outcome) => {
    expect(await ask(EXEC, () => Promise.resolve({ ...DONE, ...result }))).toEqual(outcome);
  });

  it('that the runtime has refused', async () => {
    const refusal = new RuntimeError('exec-failed', 'exec', 'no such file');
    expect(await ask(EXEC, () => Promise.reject(refusal))).toEqual({
      passed: false,
      output: 'no such file',
    });
  });

  it('keeps 4096 bytes at most, and no half character', async () => {
    const exit = { kind: 'exited', code: 1 } as const;
    const { output } = await ask(EXEC, () =>
      Promise.resolve({ ...DONE, exit, output: 'ä'.repeat(2048) }),
    );
    // 'exit code 1: ' has 13 bytes, an odd number: one byte stays unused.
    expect(output).toBe(`exit code 1: ${'ä'.repeat(2041)}`);
  });
});

it.each<Probe>([
  { kind: 'http', host: '127.0.0.1', port: 80, path: '/' },
  { kind: 'tcp', host: '::1', port: 80 },
  { kind: 'file', path: '/beat' },
])('askHealth() of a process that is gone: $kind', async (probe) => {
  const { passed, output } = await ask(probe, () => Promise.reject(new SysError('no', 'ENOSYS')));
  expect(passed).toBe(false);
  expect(output).toContain('ENOENT');
});
