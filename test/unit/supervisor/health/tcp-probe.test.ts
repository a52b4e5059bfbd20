import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { probeTcp } from '../../../../supervisor/health/tcp-probe.ts';
import type { ProbeOutcome } from '../../../../supervisor/interpreter/launcher.ts';
import { SysError } from '../../../../sys/errno.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(localPort: number): {
  socket: EventEmitter & { destroyed: boolean };
  outcome: Promise<ProbeOutcome>;
} {
  const ends = { localAddress: '127.0.0.1', localPort, remoteAddress: '127.0.0.1', remotePort: 80 };
  const socket = Object.assign(new EventEmitter(), {
    ...ends,
    destroyed: false,
    destroy: () => (socket.destroyed = true),
  });
  return { socket, outcome: probeTcp(socket as unknown as Socket, 1_500) };
}

it.each([
  ['is accepted', 40_000, 'connect', undefined, { passed: true, output: 'connected' }],
  ['met itself', 80, 'connect', undefined, { passed: false, output: 'ECONNREFUSED' }],
  [
    'fails',
    40_000,
    'error',
    new SysError('connect', 'EHOSTUNREACH'),
    { passed: false, output: 'EHOSTUNREACH' },
  ],
])('probeTcp() of a connection that %s', async (_what, port, event, value, outcome) => {
  const { socket, outcome: result } = setUp(port);
  socket.emit(event, value);
  expect(await result).toEqual(outcome);
  expect([socket.destroyed, vi.getTimerCount()]).toEqual([true, 0]);
  // Nobody else would catch what a socket says after its end.
  expect(() => socket.emit('error', new Error('late'))).not.toThrow();
});

it('probeTcp() waits no longer than it may', async () => {
  const { socket, outcome } = setUp(40_000);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(await outcome).toEqual({ passed: false, output: 'no connection within 1.5 s' });
  expect(socket.destroyed).toBe(true);
});
