import { expect, it } from 'vitest';
import {
  capabilityNames,
  kibibytes,
  parseStatus,
  processInfo,
} from '../../../../supervisor/inspect/proc-status.ts';

const STATUS = `Name:\tredis-server
Umask:\t0022
State:\tS (sleeping)
Uid:\t0\t999\t0\t0
Gid:\t0\t998\t0\t0
RssAnon:\t    8928 kB
NoNewPrivs:\t1
CapInh:\t0000000000000000
CapPrm:\t00000000000004c3
CapEff:\t00000000000004c3
CapBnd:\t000001ffffffffff
CapAmb:\t0000000000000000
`;

it('processInfo() reads effective ids, capabilities and no_new_privs', () => {
  const info = processInfo(87, STATUS, { net: 'net:[1]' });
  expect(info).toMatchObject({ pid: 87, command: 'redis-server', uid: 999, gid: 998 });
  expect(info.noNewPrivileges).toBe(true);
  expect(info.capabilities.effective).toEqual([
    'CAP_CHOWN',
    'CAP_DAC_OVERRIDE',
    'CAP_SETGID',
    'CAP_SETUID',
    'CAP_NET_BIND_SERVICE',
  ]);
  expect(info.capabilities.bounding.length).toBe(41);
  expect(info.capabilities.ambient).toEqual([]);
});

it('kibibytes() is 0 for what a kernel thread does not have', () => {
  expect(kibibytes(parseStatus(STATUS), 'RssAnon')).toBe(8928);
  expect(kibibytes(parseStatus(STATUS), 'RssFile')).toBe(0);
});

it('capabilityNames() takes the highest bit too', () => {
  expect(capabilityNames((1n << 40n).toString(16))).toEqual(['CAP_CHECKPOINT_RESTORE']);
});
