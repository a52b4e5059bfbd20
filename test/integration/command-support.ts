/**
 * A machine for the host's commands that needs no QEMU: a keeper, a fake QEMU, the guest's bridge, and behind it a
 * control API whose answers are the test's.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { expect } from 'vitest';
import type { UnitStatus } from '../../supervisor/control/api.ts';
import { type Outcome, type RunningCommand, startIshmael } from '../support/ishmael-command.ts';
import { listenAsControl } from './bridge-support.ts';
import { unitStatus } from '../support/unit-status.ts';

const FAKE = resolve(import.meta.dirname, '../support/fake-qemu');

export interface FakeMachine {
  /** Where commands run; the state directory and the API's socket `control` are in it. */
  readonly folder: string;
  readonly control: Server;
  readonly begin: (
    args: readonly string[],
    env?: Record<string, string>,
    input?: string,
  ) => RunningCommand;
  readonly ishmael: (...args: readonly string[]) => Promise<Outcome>;
  /** Of a command that ends with 0 and says nothing on standard error. */
  readonly output: (...args: readonly string[]) => Promise<string>;
  readonly end: () => Promise<void>;
}

/** The machine is called `m` and runs. */
export async function runFakeMachine(
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FakeMachine> {
  const folder = mkdtempSync(join(tmpdir(), 'ishmael-commands-'));
  writeFileSync(join(folder, 'm-cmdline'), 'console=ttyS0\n');
  const control = await listenAsControl(join(folder, 'control'), onRequest);
  const begin: FakeMachine['begin'] = (args, env = {}, input) =>
    startIshmael(args, {
      ...(input === undefined ? {} : { input }),
      cwd: folder,
      env: {
        XDG_STATE_HOME: join(folder, 'state'),
        PATH: `${FAKE}${delimiter}${process.env['PATH'] ?? ''}`,
        FAKE_QEMU_NODE: process.execPath,
        FAKE_QEMU_API: join(folder, 'control'),
        ...env,
      },
    });
  const ishmael: FakeMachine['ishmael'] = (...args) => begin(args).outcome;
  const output: FakeMachine['output'] = async (...args) => {
    const { code, stdout, stderr } = await ishmael(...args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  expect(await output('run', '-d', 'm', '--accel', 'tcg')).toContain('m');
  return {
    folder,
    control,
    begin,
    ishmael,
    output,
    async end() {
      await ishmael('kill', 'm');
      control.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function runningUnit(id: string): UnitStatus {
  return unitStatus(id, { reason: 'up', sinceMs: 10_000, restarts: 2 });
}

/** The API's answer as JSON, or `not-found`. */
export function respond(response: ServerResponse, path: string, value: unknown): void {
  response.writeHead(value === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value ?? { code: 'not-found', message: `Nothing at ${path}` }));
}
