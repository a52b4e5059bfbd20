import { expect, it } from 'vitest';
import { machineRoutes } from '../../../../supervisor/inspect/network.ts';
import { FakeSys } from '../../../support/fake-sys.ts';

it('machineRoutes() calls the interface by its name', () => {
  const sys = new FakeSys();
  const link =
    '2c000000 1000 0200 01000000 00000000 00000100 07000000 01000100 00000000 0900030065746830 00000000';
  const route =
    '2c000000 1800 0200 01000000 00000000 02000000 fe100001 00000000 080005000a000202 0800040007000000';
  sys.rtnetlinkAnswers.push([bytes(link)], [bytes(route)]);
  expect(machineRoutes(sys)).toMatchObject([
    { destination: 'default', gateway: '10.0.2.2', interface: 'eth0' },
  ]);
  // RTM_GETLINK, RTM_GETROUTE
  expect(sys.argsOf('rtnetlink').map(([request]) => request[4])).toEqual([18, 26]);
});

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}
