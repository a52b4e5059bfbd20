import { Socket } from 'node:net';
import { beforeEach, expect, it } from 'vitest';
import { createMachinePort } from '../../../../supervisor/control/machine-port.ts';
import { type ControlPort, RefusedError } from '../../../../supervisor/control/control-port.ts';
import { Engine } from '../../../../supervisor/engine.ts';
import { History } from '../../../../supervisor/history.ts';
import { LogBook } from '../../../../supervisor/log/log-book.ts';
import { DEFAULT_SERVICE_POLICY } from '../../../../supervisor/service/policy.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

let sys: FakeSys;
let history: History;
let engine: Engine;
let port: ControlPort;
let execs: string[];

beforeEach(() => {
  sys = new FakeSys();
  execs = [];
  history = new History();
  const nowMs = (): number => 7;
  engine = new Engine({ nowMs, carryOut() {}, record() {}, observe() {} });
  port = createMachinePort({
    sys,
    imageName: 'whale',
    generation: 0,
    engine,
    history,
    logs: new LogBook(),
    boot: () => ({ phases: [], milestones: {} }),
    nowMs,
    orphansReaped: () => 0,
    cgroupOf: ({ id }) => `/services/${id}`,
    update: () => void execs.push('an update'),
    exec: (id) => void execs.push(id),
  });
  const policy = DEFAULT_SERVICE_POLICY;
  const unit = { id: 'redis', name: 'redis', image: 'x', kind: 'service', policy } as const;
  engine.dispatch({ type: 'unit.added', unit });
});

function start(): void {
  engine.dispatch({ type: 'boot.finished' });
  engine.dispatch({ type: 'unit.created', id: 'redis', run: 1, pid: 42 });
}

it('signal() reaches the first process of a service that runs, and is remembered', () => {
  start();
  engine.dispatch({ type: 'unit.started', id: 'redis', run: 1 });
  expect(port.unit('redis')?.state).toBe('running');
  expect(port.signal('redis', 1)).toBe(true);
  expect(sys.argsOf('kill')).toEqual([[42, 1]]);
  expect(history.recent(1)).toMatchObject([
    { unit: 'redis', text: 'SIGHUP sent by the control API' },
  ]);
});

it('signal() is refused while the program is not there, and when it is gone', () => {
  expect(() => port.signal('redis', 1)).toThrow(RefusedError);
  start();
  expect(port.unit('redis')?.pid).toBe(42);
  expect(() => port.signal('redis', 1)).toThrow(RefusedError);
  engine.dispatch({ type: 'unit.started', id: 'redis', run: 1 });
  sys.failNext('kill', 'ESRCH');
  expect(() => port.signal('redis', 1)).toThrow(RefusedError);
  expect(port.signal('web', 1)).toBe(false);
  expect(history.recent(1)).toEqual([]);
});

it('exec() is for a container that runs, and is remembered', () => {
  const connection = new Socket();
  expect(() => port.exec('redis', connection)).toThrow(RefusedError);
  expect(port.exec('nobody', connection)).toBe(false);
  start();
  engine.dispatch({ type: 'unit.started', id: 'redis', run: 1 });
  expect(port.exec('redis', connection)).toBe(true);
  expect(execs).toEqual(['redis']);
  expect(history.recent(1)).toMatchObject([{ unit: 'redis', severity: 'info' }]);
});

it('update() is remembered', () => {
  port.update(new Socket());
  expect(execs).toEqual(['an update']);
  expect(history.recent(1)).toMatchObject([
    { unit: 'machine', text: 'an update by the control API' },
  ]);
});
