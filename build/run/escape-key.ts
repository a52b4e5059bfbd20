/**
 * The one key that is not the guest's. Everything else a person types goes to the machine, Ctrl-C
 * included. Pure.
 */

/** Ctrl-], as in telnet and virsh: no shell or line editor uses it. */
export const ESCAPE_KEY_NAME = 'Ctrl-]';
const ESCAPE_BYTE = 0x1d;

/** What was typed, without the escape key, and how often that was pressed. */
export function splitEscapes(typed: Uint8Array): { readonly bytes: Uint8Array; escapes: number } {
  const bytes = typed.filter((byte) => byte !== ESCAPE_BYTE);
  return { bytes, escapes: typed.length - bytes.length };
}
