import { expect, it } from 'vitest';
import { processSpec } from '../../../../runc-shim/oci/generate.ts';
import { commandSpec } from '../../../../supervisor/exec/command.ts';
import { containerSpec } from '../../../support/container-specs.ts';

it('commandSpec() is the program of the container, but for what was asked for', () => {
  const base = processSpec(containerSpec({ env: ['A=1', 'B=2'], cwd: '/srv', umask: 0o27 }));
  expect(commandSpec(base, { args: ['ls'] })).toEqual({ ...base, args: ['ls'] });
  const request = {
    args: ['sh'],
    env: ['B=3', 'C='],
    cwd: '/tmp',
    terminal: { rows: 24, columns: 80 },
  };
  expect(commandSpec(base, request)).toEqual({
    ...base,
    args: ['sh'],
    env: ['A=1', 'B=3', 'C='],
    cwd: '/tmp',
    terminal: true,
    consoleSize: { height: 24, width: 80 },
  });
});
