import { expect, test } from 'vitest';
import { CAPABILITIES } from '../../../../runc-shim/oci/capabilities.ts';

// Numbers from linux/capability.h: one at each end, and around the gaps people get wrong.
test.each([
  ['CAP_CHOWN', 0],
  ['CAP_SETPCAP', 8],
  ['CAP_NET_ADMIN', 12],
  ['CAP_SYS_ADMIN', 21],
  ['CAP_SETFCAP', 31],
  ['CAP_AUDIT_READ', 37],
  ['CAP_CHECKPOINT_RESTORE', 40],
])('CAPABILITIES has %s at its kernel number %i', (name, number) => {
  expect(CAPABILITIES.indexOf(name)).toBe(number);
  expect(CAPABILITIES).toHaveLength(41);
});
