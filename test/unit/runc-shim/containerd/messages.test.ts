import { describe, expect, it } from 'vitest';
import {
  decodeContainers,
  decodeEvent,
  decodeTasks,
  encodeContainer,
  encodeExec,
  encodeTask,
} from '../../../../runc-shim/containerd/messages.ts';
import { decodeMessage, encodeMessage } from '../../../../runc-shim/containerd/protobuf.ts';

describe('encodeContainer()', () => {
  it('says the spec as it is, the shim, and which OCI runtime in which cgroup', () => {
    const bytes = encodeContainer({
      id: 'redis',
      spec: '{"rlimits":[{"soft":18446744073709551615}]}',
      runtime: { binary: '/usr/bin/crun', shimCgroup: '/shims' },
    });
    const container = decodeMessage(bytes).message(1);
    expect(container.text(1)).toBe('redis');
    const shim = container.message(4);
    expect(shim.text(1)).toBe('io.containerd.runc.v2');
    expect(shim.message(2).text(1)).toBe('containerd.runc.v1.Options');
    const options = shim.message(2).message(2);
    expect([options.text(3), options.text(6)]).toEqual(['/shims', '/usr/bin/crun']);
    // Every digit of it: JSON.parse() would have lost some.
    expect(container.message(5).text(2)).toContain('18446744073709551615');
    expect(decodeContainers(bytes)).toEqual([{ id: 'redis', runtime: 'io.containerd.runc.v2' }]);
  });
});

describe('encodeTask()', () => {
  const task = { id: 'a', stdout: '/o', stderr: '/e' };

  it('names the outputs', () => {
    const message = decodeMessage(encodeTask({ ...task, terminal: false }));
    expect([message.text(5), message.text(6), message.number(7)]).toEqual(['/o', '/e', 0]);
  });

  it('has one output where there is a terminal', () => {
    const message = decodeMessage(encodeTask({ ...task, terminal: true }));
    expect([message.text(5), message.text(6), message.number(7)]).toEqual(['/o', '', 1]);
  });
});

describe('encodeExec()', () => {
  it('names the command and its outputs', () => {
    const message = decodeMessage(
      encodeExec({
        id: 'a',
        execId: 'x',
        stdout: '/o',
        stderr: '/e',
        process: '{}',
        terminal: false,
      }),
    );
    expect([message.text(1), message.text(7), message.message(6).text(2)]).toEqual([
      'a',
      'x',
      '{}',
    ]);
  });
});

describe('decodeTasks()', () => {
  it('knows the states, and does not fall over one that is new', () => {
    const task = (status: number): Uint8Array =>
      encodeMessage([
        [2, 'a'],
        [3, 71],
        [4, status],
        [9, 137],
      ]);
    const tasks = decodeTasks(encodeMessage([[1, [task(2), task(3), task(99)]]]));
    expect(tasks.map(({ status }) => status)).toEqual(['running', 'stopped', 'unknown']);
    expect(tasks[0]).toEqual({ id: 'a', pid: 71, status: 'running', exitStatus: 137 });
  });
});

describe('decodeEvent()', () => {
  it('says whose it is and what happened', () => {
    const event = encodeMessage([
      [1, 'containerd.events.TaskExit'],
      [2, 'x'],
    ]);
    const {
      namespace,
      topic,
      event: value,
    } = decodeEvent(
      encodeMessage([
        [2, 'services.linuxkit'],
        [3, '/tasks/exit'],
        [4, event],
      ]),
    );
    expect([namespace, topic, value.typeUrl]).toEqual([
      'services.linuxkit',
      '/tasks/exit',
      'containerd.events.TaskExit',
    ]);
  });
});
