import { describe, expect, it } from 'vitest';
import { createTimedText, initStamp, RUN_INIT } from '../../bench/console-lines.ts';

describe('createTimedText()', () => {
  it('dates a line by the piece that completed it', () => {
    const text = createTimedText();
    text.append(Buffer.from('[    4.9] Run /in'), 100);
    expect(text.arrivalOf(RUN_INIT)).toBeUndefined();
    text.append(Buffer.from('it as init process'), 107);
    text.append(Buffer.from('\r\nmore'), 900);
    expect(text.arrivalOf(RUN_INIT)).toBe(107);
  });

  it('keeps a character that two pieces share', () => {
    const text = createTimedText();
    const [first, ...rest] = Buffer.from('é!');
    text.append(Uint8Array.of(first ?? 0), 1);
    text.append(Uint8Array.from(rest), 2);
    expect(text.text()).toBe('é!');
    expect(text.arrivalOf(/é/)).toBe(2);
  });
});

describe('initStamp()', () => {
  it("reads the kernel's stamp as milliseconds", () => {
    const text = '[    4.905412] x86/mm: Checked\r\n[    4.908052] Run /init as init process\r\n';
    expect(initStamp(text)).toBeCloseTo(4908.052);
  });

  it('knows a kernel that did not get so far', () => {
    expect(initStamp('[    0.1] Linux version\r\n')).toBeUndefined();
  });
});
