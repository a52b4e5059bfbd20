import { expect, it } from 'vitest';
import { hasAddress } from '../../../../supervisor/conditions/has-address.ts';

const v4 = (address: string, internal = false) => ({ address, family: 'IPv4', internal }) as const;
const v6 = (address: string) => ({ address, family: 'IPv6', internal: false }) as const;
const lo = [v4('127.0.0.1', true)];

it.each([
  ['no interface at all', {}, undefined, false],
  ['only the loopback', { lo }, undefined, false],
  ['the loopback when it is asked for by name', { lo }, 'lo', true],
  ['an address', { lo, eth0: [v4('10.0.2.15')] }, undefined, true],
  ['a link-local address of IPv4', { eth0: [v4('169.254.3.4')] }, undefined, false],
  ['a link-local address of IPv6', { eth0: [v6('fe80::1')] }, 'eth0', false],
  ['the last of the link-local addresses', { eth0: [v6('febf::1')] }, 'eth0', false],
  ['one beside a link-local one', { eth0: [v6('fe80::1'), v6('fd00::1')] }, 'eth0', true],
  ['another interface', { eth1: [v4('10.0.2.15')] }, 'eth0', false],
  ['169.25.4.1, which is no link-local one', { eth0: [v4('169.25.4.1')] }, 'eth0', true],
])('hasAddress() with %s', (_what, interfaces, name, has) => {
  expect(hasAddress(interfaces, name)).toBe(has);
});
