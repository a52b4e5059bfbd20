/** What becomes of services that cannot start, that crash and that are killed, and of those beside them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { openImageStore } from '../../../build/image/oci-layout.ts';
import type { HistoryEntry, UnitStatus } from '../../../supervisor/control/api.ts';
import { bootMachine, type TestMachine } from '../../support/vm-machine.ts';
import { guestShell, SHELL_PORT } from '../../support/vm-shell.ts';

let machine: TestMachine;

beforeAll(async () => {
  await putEmptyImage();
  machine = await bootMachine({ folder: import.meta.dirname, ports: [SHELL_PORT] });
  return () => machine.vm.kill();
});

/** An image as a botched export makes it: a command, and not one file. */
async function putEmptyImage(): Promise<void> {
  const store = openImageStore();
  const config = {
    entrypoint: ['/bin/true'],
    cmd: [],
    env: [],
    workingDir: '',
    stopSignal: '',
    labels: {},
  };
  await store.putImage('test/empty', config, [await store.writeLayer(new Map())]);
}

async function eventsOf(unit: string): Promise<HistoryEntry[]> {
  return (await machine.events()).filter((event) => event.unit === unit);
}

describe('a service that cannot start', () => {
  it.each<[name: string, id: string, words: RegExp]>([
    ['without its binary', 'missing', /^create: runc create failed: .*\/bin\/nope.*no such file/],
    ['with an empty rootfs', 'empty', /^bundle: The root filesystem of empty .* is empty$/],
    [
      'with a bundle that runc refuses',
      'refused',
      /^create: runc create failed: .*\/proc\/no\/such/,
    ],
  ])('%s is shown as failed, with the words of whoever refused', async (_, id, words) => {
    const unit = await machine.waitFor(`${id} to have failed`, async () => {
      const status = await machine.unit(id);
      return status.state === 'failed' ? status : undefined;
    });
    expect(unit).toMatchObject({ state: 'failed', lastExit: { kind: 'not-started' } });
    expect(unit.lastExit?.text).toMatch(words);
    expect(unit.reason).toContain(unit.lastExit?.text);
    const [first] = await eventsOf(id);
    expect(first).toMatchObject({ severity: 'error', text: unit.lastExit?.text });
  });

  it('stands in the summary on the console', async () => {
    await machine.vm.console.waitFor(/Type "help" for the commands/, 60_000);
    const [summary = ''] = /booted in [^]*Type "help"/.exec(machine.vm.console.text()) ?? [];
    const unwrapped = summary.replaceAll(/\s+/g, ' ');
    // Failed, or being tried again: the reason stands there all the same.
    expect(unwrapped).toMatch(/ missing: create: runc create failed: .*\/bin\/nope/);
    expect(unwrapped).toMatch(/ empty: bundle: The root filesystem of empty/);
    expect(unwrapped).toMatch(/ refused: create: runc create failed: .*\/proc\/no/);
  });

  it('keeps nobody else from running', async () => {
    const units = await machine.get<UnitStatus[]>('/v1/services');
    const state = new Map(units.map((unit) => [unit.id, unit.state]));
    expect(state.get('000-network')).toBe('finished');
    expect(state.get('steady')).toBe('running');
    expect(state.get('shell')).toBe('running');
  });
});

describe('a service that is killed', () => {
  it('comes back with another pid, and the kill is remembered', async () => {
    const shell = await guestShell(machine);
    const before = await machine.unit('steady');
    expect(before.restarts).toBe(0);
    expect(await shell(`kill -9 ${before.pid}`)).toBe('');
    const after = await machine.waitFor('steady to come back', async () => {
      const status = await machine.unit('steady');
      return status.restarts === 1 && status.state === 'running' ? status : undefined;
    });
    expect(after.pid).not.toBe(before.pid);
    expect(after.lastExit).toMatchObject({ kind: 'signaled', signal: 'SIGKILL' });
    // The log goes on across runs. In its own pid namespace the service is always process 1.
    const log = await machine.waitFor('its second run to write', async () => {
      const lines = await machine.logs('steady');
      return lines.length > 1 ? lines.map(({ text }) => text) : undefined;
    });
    expect(log).toEqual(['born as 1', 'born as 1']);
  });
});

describe('a service that ends at once', () => {
  it('is started again after 100 ms, doubled each time', async () => {
    const pauses = await machine.waitFor(
      'six restarts',
      async () => {
        const gaps = pausesOf(await eventsOf('crasher'));
        return gaps.length >= 6 ? gaps : undefined;
      },
      150_000,
    );
    // Not less: what runc takes to delete and to create comes on top, and depends on the host's load.
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(100 * 2 ** index);
    }
    const { restarts, lastExit } = await machine.unit('crasher');
    expect(restarts).toBeGreaterThanOrEqual(6);
    expect(lastExit).toMatchObject({ kind: 'exited', code: 7 });
  });
});

describe('reboot', () => {
  it('over the API restarts the machine, which ends QEMU as it was told to', async () => {
    await machine.post('/v1/reboot');
    expect(await machine.ended()).toMatchObject({ code: 0, signal: null, stderr: '' });
    const text = machine.vm.console.text();
    expect(text).toMatch(/machine: everything has stopped/);
    expect(text).toMatch(/reboot: Restarting system/);
  });
});

/** The times between an end of the service and its next run. */
function pausesOf(events: readonly HistoryEntry[]): number[] {
  return events.flatMap((event, index) => {
    const next = events[index + 1];
    return event.text === 'exit code 7' && next?.text.startsWith('running') === true
      ? [next.atMs - event.atMs]
      : [];
  });
}
