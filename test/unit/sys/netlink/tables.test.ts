import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeAddress } from '../../../../sys/netlink/address.ts';
import { encodeDump, RTM_GETROUTE } from '../../../../sys/netlink/attributes.ts';
import { decodeLink } from '../../../../sys/netlink/link-state.ts';
import { decodeRoute } from '../../../../sys/netlink/route.ts';

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

/** Every answer begins so: length, type, flags (one of several), sequence, port. */
const header = (type: string): string => `00000000 ${type} 0200 01000000 0d1e0000`;

it('encodeDump() asks for a whole table', () => {
  // length 32 · RTM_GETROUTE · NLM_F_REQUEST|NLM_F_DUMP · seq 1 · pid 0 · nothing asked for in particular
  const request = '20000000 1a00 0103 01000000 00000000 00000000000000000000000000000000';
  expect(encodeDump(RTM_GETROUTE)).toEqual(bytes(request));
});

const attribute = (type: number, value: string): string => {
  const data = bytes(value);
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + data.length, 0);
  head.writeUInt16LE(type, 2);
  const padded = Buffer.concat([head, data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
  return padded.toString('hex');
};
const text = (value: string): string => Buffer.from(`${value}\0`).toString('hex');
const u64 = (...values: number[]): string =>
  values.map((value) => value.toString(16).padStart(2, '0').padEnd(16, '0')).join('');

it('decodeLink() reads an interface', () => {
  const message =
    header('1000') +
    // AF_UNSPEC · ARPHRD_ETHER · index 7 · IFF_UP|IFF_LOWER_UP · no mask
    '0000 0100 07000000 01000100 00000000' +
    attribute(3, text('eth0')) +
    attribute(4, '78050000') +
    attribute(16, '06') +
    attribute(10, '04000000') +
    attribute(1, '020000000001') +
    // IFLA_LINKINFO, flagged as nested, with IFLA_INFO_KIND
    attribute(0x8012, attribute(1, text('veth'))) +
    attribute(23, u64(1, 2, 3, 4, 5, 6, 7, 8));
  expect(decodeLink(bytes(message))).toEqual({
    index: 7,
    name: 'eth0',
    mac: '02:00:00:00:00:01',
    enabled: true,
    carrier: true,
    operState: 'up',
    mtu: 1400,
    kind: 'veth',
    master: 4,
    received: { packets: 1, bytes: 3, errors: 5, dropped: 7 },
    sent: { packets: 2, bytes: 4, errors: 6, dropped: 8 },
  });
});

// The messages below are what Linux 6.18 sent about interfaces of a namespace made for it.
it('decodeAddress() reads IPv4, where IFA_LOCAL is ours, and IPv6', () => {
  const ipv4 = `${header('1400')} 02188000 07000000 080001000a00020f 080002000a00020f 0900030065746830 00000000`;
  const ipv6 = `${header('1400')} 0a408200 07000000 1400010020010db8000000000000000000000015`;
  expect(decodeAddress(bytes(ipv4))).toEqual({ index: 7, cidr: '10.0.2.15/24' });
  expect(decodeAddress(bytes(ipv6))).toEqual({ index: 7, cidr: '2001:db8::15/64' });
});

it('decodeRoute() reads a default route that DHCP has made', () => {
  const message = `${header('1800')} 02000000 fe100001 00000000 08000f00fe000000
    08000600ea030000 080007000a00020f 080005000a000202 0800040007000000`;
  expect(decodeRoute(bytes(message.replaceAll(/\s/g, '')))).toEqual({
    family: 'ipv4',
    destination: 'default',
    type: 'unicast',
    gateway: '10.0.2.2',
    index: 7,
    source: '10.0.2.15',
    metric: 1002,
    table: 254,
    protocol: 'dhcp',
  });
});

it('decodeRoute() reads a route to nowhere, and the first of several ways in another table', () => {
  const blackhole = `${header('1800')} 02180000 fe030006 00000000 08000f00fe000000 08000100c0000200`;
  expect(decodeRoute(bytes(blackhole))).toEqual({
    family: 'ipv4',
    destination: '192.0.2.0/24',
    type: 'blackhole',
    metric: 0,
    table: 254,
    protocol: 'boot',
  });
  const several = `${header('1800')} 02180000 64030001 10000000 08000f0064000000 08000100c6336400
    24000900 1000100007000000 080005000a000203 1000100008000000 080005000a000204`;
  expect(decodeRoute(bytes(several.replaceAll(/\s/g, '')))).toMatchObject({
    destination: '198.51.100.0/24',
    gateway: '10.0.2.3',
    index: 7,
    table: 100,
  });
});

it("decodeRoute() leaves out the machine's own addresses and IPv6's copies", () => {
  const local = `${header('1800')} 02200000 ff02fe02 00000000 08000f00ff000000 080001000a00020f`;
  const clone = `${header('1800')} 0a800000 fe030001 00020000 08000f00fe000000`;
  expect([local, clone].map((hex) => decodeRoute(bytes(hex)))).toEqual([undefined, undefined]);
});

it('nothing that a message may hold makes a decoder fail', () => {
  const types = fc.constantFrom(16, 20, 24);
  fc.assert(
    fc.property(types, fc.uint8Array({ maxLength: 200 }), (type, rest) => {
      const message = Buffer.concat([Buffer.from([0, 0, 0, 0, type, 0]), rest]);
      for (const decode of [decodeLink, decodeAddress, decodeRoute]) decode(message);
    }),
  );
});
