import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { html } from '../../../../supervisor/status-page/html.ts';

it('html escapes whatever is put into it, in text and in attributes', () => {
  expect(html`<p title="${`"'><script>&`}">${'<b>'}</p>`.text).toBe(
    '<p title="&quot;&#39;&gt;&lt;script&gt;&amp;">&lt;b&gt;</p>',
  );
});

it('html lets HTML through, and lists of it', () => {
  expect(
    html`<ul>${['<', '>'].map((each) => html`<li>${each}</li>`)}${undefined}${7}</ul>`.text,
  ).toBe('<ul><li>&lt;</li><li>&gt;</li>7</ul>');
});

it('html makes control characters and turns of direction visible', () => {
  expect(html`${'a\u001B[31m\u202Eb\u0000'}`.text).toBe('a^[[31m\uFFFDb^@');
});

it('html has no text that closes anything', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(html`${text}`.text).not.toMatch(/[<>"'\n]|&(?!(amp|lt|gt|quot|#39);)/);
    }),
  );
});
