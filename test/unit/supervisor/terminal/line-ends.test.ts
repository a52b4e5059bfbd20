import { expect, it } from 'vitest';
import { createLineEnds } from '../../../../supervisor/terminal/line-ends.ts';

it('createLineEnds() takes CR from before LF only, wherever it was cut', () => {
  const text = 'one\r\ntwo\r\n50%\r100%\r\r\n\r\n';
  for (let cut = 1; cut < text.length; cut += 1) {
    const convert = createLineEnds();
    const parts = [text.slice(0, cut), text.slice(cut)].map((part) => convert(Buffer.from(part)));
    expect(Buffer.concat(parts).toString()).toBe('one\ntwo\n50%\r100%\r\n\n');
  }
});
