import { expect, it } from 'vitest';
import { parseInetSocket, parseUnixSocket } from '../../../../supervisor/inspect/socket-table.ts';

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const rest = '00000000:00000000 00:00000000 00000000   999        0 1234 1 0000000000000000 100 0';

it('parseInetSocket() reads who listens, by IPv4 and IPv6', () => {
  const ipv4 = `   0: 0F02000A:18EB 00000000:0000 0A ${rest}`;
  expect(parseInetSocket(ipv4, 'tcp')).toEqual({
    inode: 1234,
    socket: { protocol: 'tcp', address: '10.0.2.15', port: 6379 },
  });
  const ipv6 = `  12: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A ${rest}`;
  expect(parseInetSocket(ipv6, 'tcp')).toMatchObject({
    socket: { address: '2001:db8::1', port: 80 },
  });
});

it('parseInetSocket() tells connections from who listens, and both from no socket', () => {
  const connected = `   1: 0F02000A:18EB 0202000A:D431 01 ${rest}`;
  expect(parseInetSocket(connected, 'tcp')).toBe('other');
  expect(parseInetSocket(connected, 'udp')).toBe('other');
  expect(parseInetSocket(HEAD, 'tcp')).toBeUndefined();
  expect(parseInetSocket('', 'tcp')).toBeUndefined();
});

it('parseInetSocket() takes for UDP what is connected to nobody', () => {
  const open = `  72: 00000000:0044 00000000:0000 07 ${rest}`;
  const socket = { protocol: 'udp', address: '0.0.0.0', port: 68 };
  expect(parseInetSocket(open, 'udp')).toEqual({ inode: 1234, socket });
});

it('parseUnixSocket() reads what accepts connections or takes datagrams', () => {
  const line = '0000000000000000: 00000002 00000000 00010000 0001 01 20558 /run/a b.sock';
  expect(parseUnixSocket(line)).toEqual({
    inode: 20_558,
    socket: { protocol: 'unix', type: 'stream', path: '/run/a b.sock' },
  });
  expect(
    parseUnixSocket('0000000000000000: 00000002 00000000 00000000 0002 01  77 @log'),
  ).toMatchObject({ inode: 77, socket: { type: 'datagram', path: '@log' } });
});

it.each([
  'Num       RefCount Protocol Flags    Type St Inode Path',
  // A connection that was accepted has the path of who did, and a pair has none.
  '0000000000000000: 00000003 00000000 00000000 0001 03 20559 /run/a.sock',
  '0000000000000000: 00000003 00000000 00000000 0002 01 20560',
  '',
])('parseUnixSocket() leaves out %j', (line) => {
  expect(parseUnixSocket(line)).toBeUndefined();
});
