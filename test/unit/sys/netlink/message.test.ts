import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isLastOfAnswer, netlinkError, splitMessages } from '../../../../sys/netlink/message.ts';

const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

// length 36 · NLMSG_ERROR · flags · seq · pid · error · the request's header
const ACK = bytes(
  '24000000 0200 0001 01000000 00000000 00000000 20000000 1000 0500 01000000 00000000',
);
const ENODEV = bytes(
  '24000000 0200 0000 01000000 00000000 edffffff 20000000 1000 0500 01000000 00000000',
);
const LINK = bytes('14000000 1000 0000 01000000 00000000 00000000');

it('netlinkError() is 0 for an acknowledgement and the errno for an error', () => {
  expect(netlinkError(ACK)).toBe(0);
  expect(netlinkError(ENODEV)).toBe(19);
  expect(netlinkError(LINK)).toBeUndefined();
});

it('isLastOfAnswer() knows acknowledgements, errors and the end of a dump', () => {
  const done = bytes('14000000 0300 0200 01000000 00000000 00000000');
  expect([ACK, ENODEV, done, LINK].map(isLastOfAnswer)).toEqual([true, true, true, false]);
});

it('splitMessages() takes a datagram of several messages apart', () => {
  expect(splitMessages(Buffer.concat([LINK, ACK]))).toEqual([Buffer.from(LINK), Buffer.from(ACK)]);
});

it('splitMessages() ends on whatever bytes come', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (datagram) => {
      for (const message of splitMessages(datagram)) {
        expect(message.length).toBeGreaterThanOrEqual(16);
        netlinkError(message);
        isLastOfAnswer(message);
      }
    }),
  );
});
