import { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createExecs,
  createUpdates,
  type ExecContext,
  MAX_EXECS,
} from '../../../init/exec-sessions.ts';
import { parseExact } from '../../../runc-shim/oci/parse-exact.ts';
import { RefusedError } from '../../../supervisor/control/control-port.ts';
import type { ContainerOrder } from '../../../supervisor/exec/exec-order.ts';
import type { SpawnedProgram } from '../../../supervisor/interpreter/process-unit.ts';
import { containerSpec } from '../../support/container-specs.ts';

let spawned: SpawnedProgram[];
let ends: (() => void)[];
let warnings: string[];
let fails: boolean;
let exec: ReturnType<typeof createExecs>;

beforeEach(() => {
  spawned = [];
  ends = [];
  warnings = [];
  fails = false;
  exec = createExecs(context());
});

function context(): ExecContext {
  return {
    spawner: {
      async spawn(program, onExit) {
        spawned.push(program);
        ends.push(() => onExit({ kind: 'exited', code: 0 }));
        await Promise.resolve();
        if (fails) throw new Error('EAGAIN');
        // No process has it, so that none is moved to another cgroup.
        return 2 ** 30;
      },
    },
    helper: { file: '/init', args: ['exec-helper'] },
    binary: '/usr/bin/crun',
    stateDirOf: () => '/run/state',
    containerOf: (id) => (id === 'web' ? containerSpec({ env: ['SECRET=1'] }) : undefined),
    warn: (_id, text) => void warnings.push(text),
  };
}

it('createExecs() tells the helper by its standard input, where nobody else reads it', () => {
  const connection = new Socket();
  exec('web', connection, 71);
  const [program] = spawned;
  expect(program).toMatchObject({ file: '/init', args: ['exec-helper'], input: connection });
  const order = JSON.parse(program?.stdin ?? '') as ContainerOrder;
  expect(order).toMatchObject({
    id: 'web',
    pid: 71,
    binary: '/usr/bin/crun',
    stateDir: '/run/state',
  });
  expect(order.process.env).toEqual(['SECRET=1']);
});

it('createExecs() refuses what has no container, and more than may run at once', async () => {
  expect(() => exec('console', new Socket(), 71)).toThrow(RefusedError);
  for (let count = 0; count < MAX_EXECS; count += 1) exec('web', new Socket(), 71);
  expect(() => exec('web', new Socket(), 71)).toThrow(RefusedError);
  ends[0]?.();
  exec('web', new Socket(), 71);
  await Promise.resolve();
  expect(spawned).toHaveLength(MAX_EXECS + 1);
});

it('createExecs() does not count what could not be started, and warns', async () => {
  fails = true;
  for (let count = 0; count <= MAX_EXECS; count += 1) {
    exec('web', new Socket(), 71);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(warnings).toHaveLength(MAX_EXECS + 1);
});

it('createExecs() passes on a limit that no JavaScript number can hold', () => {
  const rlimits = [{ type: 'RLIMIT_NOFILE', soft: 'unlimited', hard: 'unlimited' }] as const;
  exec = createExecs({ ...context(), containerOf: () => containerSpec({ rlimits }) });
  exec('web', new Socket(), 71);
  const order = parseExact(spawned[0]?.stdin ?? '') as ContainerOrder;
  expect(order.process.rlimits[0]?.hard).toBe(2n ** 64n - 1n);
});

describe('createUpdates()', () => {
  const begin = (terms?: { certificate?: string }): ((connection: Socket) => void) => {
    const { spawner, helper } = context();
    const all = terms && { goodAfterMs: 1, deadlineMs: 2, ...terms };
    return createUpdates({ spawner, helper, terms: all, warn: (text) => void warnings.push(text) });
  };

  it('hands the connection to the helper, with whose signature an image has to have', () => {
    begin({ certificate: 'PEM' })(new Socket());
    expect(JSON.parse(spawned[0]?.stdin ?? '')).toEqual({ update: true, certificate: 'PEM' });
    begin({})(new Socket());
    expect(JSON.parse(spawned[1]?.stdin ?? '')).toEqual({ update: true });
  });

  it('refuses a second one, until the first has ended', async () => {
    const update = begin({});
    update(new Socket());
    expect(() => update(new Socket())).toThrow('under way');
    ends[0]?.();
    update(new Socket());
    await Promise.resolve();
    expect(spawned).toHaveLength(2);
  });

  it('refuses where there is no room for another image', () => {
    expect(() => begin()(new Socket())).toThrow(RefusedError);
  });

  it('may be tried again when it could not be begun', async () => {
    fails = true;
    const update = begin({});
    update(new Socket());
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toHaveLength(1);
    update(new Socket());
  });
});
