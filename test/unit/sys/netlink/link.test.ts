import { expect, test } from 'vitest';
import { encodeLinkAdd, encodeLinkMove } from '../../../../sys/netlink/link.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const joined = (...parts: readonly string[]): string => parts.join('').replaceAll(' ', '');

/** ifinfomsg: nothing said */
const NO_INDEX = '00 00 0000 00000000 00000000 00000000';

test('encodeLinkMove() names an interface and a process', () => {
  expect(hex(encodeLinkMove('eth0', 258))).toBe(
    joined(
      // length 52 · RTM_SETLINK · REQUEST|ACK · seq 1 · pid
      '34000000 1300 0500 01000000 00000000',
      NO_INDEX,
      // IFLA_IFNAME "eth0\0", padded
      '0900 0300 6574683000 000000',
      // IFLA_NET_NS_PID 258
      '0800 1300 02010000',
    ),
  );
});

test('encodeLinkAdd() makes an interface in the namespace of a process', () => {
  expect(hex(encodeLinkAdd({ name: 'd0', kind: 'dummy', nsPid: 7 }))).toBe(
    joined(
      // length 64 · RTM_NEWLINK · REQUEST|ACK|EXCL|CREATE · seq 1 · pid
      '40000000 1000 0506 01000000 00000000',
      NO_INDEX,
      // IFLA_IFNAME "d0\0", padded
      '0700 0300 643000 00',
      // IFLA_NET_NS_PID 7
      '0800 1300 07000000',
      // IFLA_LINKINFO { IFLA_INFO_KIND "dummy\0", padded }
      '1000 1200',
      '0a00 0100 64756d6d7900 0000',
    ),
  );
});

test('encodeLinkAdd() names the other end of a veth', () => {
  expect(hex(encodeLinkAdd({ name: 'in', kind: 'veth', peer: 'out' }))).toBe(
    joined(
      '58000000 1000 0506 01000000 00000000',
      NO_INDEX,
      '0700 0300 696e00 00',
      // IFLA_LINKINFO { IFLA_INFO_KIND "veth\0", IFLA_INFO_DATA { VETH_INFO_PEER { ifinfomsg, IFLA_IFNAME } } }
      '3000 1200',
      '0900 0100 7665746800 000000',
      '2000 0200',
      '1c00 0100',
      NO_INDEX,
      '0800 0300 6f757400',
    ),
  );
});
