/**
 * HTML that cannot be broken out of: whatever is put into the template is escaped, unless it is HTML that was made
 * here. Pure. Names and log lines come from programs that nobody has to trust.
 */
import { printable } from '../view/printable.ts';

/** Made by `html` and by nothing else. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type HtmlValue = string | number | Html | undefined | readonly HtmlValue[];

export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(parts.map((part, index) => part + render(values[index])).join(''));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What turns the direction of writing, and could show one word as another (UAX #9). */
const DIRECTIONS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

function render(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return value.map(render).join('');
  return printable(value)
    .replaceAll(DIRECTIONS, '\uFFFD')
    .replaceAll(/[&<>"']/g, (char) => ESCAPES[char] ?? '');
}
