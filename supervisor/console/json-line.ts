/**
 * A value as one line of JSON that goes over a terminal unchanged: control characters that JSON leaves as they
 * are, and a terminal obeys, become escapes of JSON. Pure.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replaceAll(/[\x7f-\x9f\u2028\u2029]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
