/** Components that do their job with the settings they come with. */
import { beforeAll, expect, it } from 'vitest';
import type { ProcessInfo, UnitStatus } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';

let machine: TestMachine;

beforeAll(async () => {
  machine = await bootMachine({ folder: import.meta.dirname, ports: [80, 9100] });
  return () => machine.vm.kill();
});

async function get(port: number, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${machine.hostPort(port)}${path}`);
}

it('nginx serves files, as another user than root', async () => {
  const answer = await get(80, '/');
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('served by nginx');
  expect((await get(80, '/nope')).status).toBe(404);
  const processes = await machine.get<readonly ProcessInfo[]>('/v1/services/web/processes');
  expect(processes.map(({ uid }) => uid)).toEqual([0, 33]);
});

it('node-exporter tells of the machine and not of its container', async () => {
  const text = await (await get(9100, '/metrics')).text();
  expect(text).toMatch(/^node_memory_MemTotal_bytes [\d.e+]+$/m);
  expect(text).toMatch(/^node_network_receive_bytes_total\{device="eth0"\} /m);
  expect(text).toMatch(/^node_cpu_seconds_total\{cpu="0",mode="user"\} /m);
});

it('chrony gets the time from another one, and the kernel knows that it is right', async () => {
  const synchronized = await machine.waitFor('the time', async () => {
    const unit = await machine.get<UnitStatus>('/v1/services/needs-time');
    return unit.state === 'running' ? unit : undefined;
  });
  expect(synchronized.restarts).toBe(0);
  const units = await machine.get<readonly UnitStatus[]>('/v1/services');
  expect(units.filter(({ restarts }) => restarts > 0)).toEqual([]);
});
