/**
 * A machine for the status page without a machine: the real control server over a model that the test moves, with
 * the facts of the kernel that it runs on, and the page's own server in front of its read side.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectOverUnixSocket } from '../../supervisor/control/client.ts';
import { createMachinePort } from '../../supervisor/control/machine-port.ts';
import { startControlServer } from '../../supervisor/control/server.ts';
import { Engine } from '../../supervisor/engine.ts';
import { History } from '../../supervisor/history.ts';
import { LogBook } from '../../supervisor/log/log-book.ts';
import { LogRing } from '../../supervisor/log/ring.ts';
import { DEFAULT_SERVICE_POLICY } from '../../supervisor/service/policy.ts';
import { startStatusServer } from '../../supervisor/status-page/status-server.ts';
import { FakeSys } from './fake-sys.ts';

export interface StatusMachine {
  readonly url: string;
  log(id: string, text: string): void;
  /** Its program ends badly, and it is not started again. */
  fail(id: string): void;
  /** PID 1 is gone from now on. */
  loseControl(): void;
  close(): void;
}

export async function startStatusMachine(
  ids: readonly string[],
  sbom?: string,
): Promise<StatusMachine> {
  const directory = mkdtempSync(join(tmpdir(), 'status-'));
  const path = join(directory, 'control.sock');
  const history = new History();
  const logs = new LogBook();
  const nowMs = (): number => performance.now();
  const engine = new Engine({
    nowMs,
    carryOut() {},
    observe() {},
    record: (change) => history.add(change),
  });
  for (const [index, id] of ids.entries()) addService(engine, id, 1000 + index);
  for (const id of ids) logs.set(id, new LogRing());
  const port = createMachinePort({
    sys: new FakeSys(),
    update() {},
    exec: () => false,
    imageName: 'example',
    generation: 0,
    engine,
    history,
    logs,
    boot: () => ({
      phases: [
        {
          name: 'early',
          steps: [
            { name: 'mounts', startMs: 100, endMs: 300, outcome: 'ok' },
            { name: 'a step with a long name', startMs: 300, endMs: 900, outcome: 'failed' },
          ],
        },
      ],
      milestones: { exec: 50, services: 1000, settled: 2000 },
    }),
    nowMs,
    orphansReaped: () => 0,
    cgroupOf: ({ id }) => `/services/${id}`,
  });
  const control = await startControlServer({ ...port, sbom: () => sbom }, path, 'read');
  const client = connectOverUnixSocket(path);
  const page = await startStatusServer({ client, address: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${page.port}`,
    log(id, text) {
      const ring = logs.get(id);
      if (!(ring instanceof LogRing)) throw new Error(`"${id}" has no log`);
      ring.add(nowMs(), 'stdout', text);
    },
    fail(id) {
      engine.dispatch({ type: 'unit.exited', id, run: 1, end: { kind: 'exited', code: 3 } });
      engine.dispatch({ type: 'unit.removed', id, run: 1 });
    },
    loseControl: () => control.close(),
    close() {
      page.close();
      control.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function addService(engine: Engine, id: string, pid: number): void {
  const policy = { ...DEFAULT_SERVICE_POLICY, restart: { kind: 'no' } } as const;
  const unit = { id, name: id, image: 'example/service', kind: 'service', policy } as const;
  const isFirst = engine.state.units.length === 0;
  engine.dispatch({ type: 'unit.added', unit });
  if (isFirst) engine.dispatch({ type: 'boot.finished' });
  engine.dispatch({ type: 'unit.created', id, run: 1, pid });
  engine.dispatch({ type: 'unit.started', id, run: 1 });
}
