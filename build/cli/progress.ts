/**
 * Progress on standard error: one line per finished step, with the time since the command began. On a terminal
 * transfers are a bar below them, which goes away with the next line or the end.
 */
import type { Progress, Transfer } from '../progress.ts';
import { transferBar } from './transfer-bar.ts';

/** EL (ECMA-48): what the cursor stands on and what is behind it. */
const ERASE = '\r\x1b[K';
const EVERY_MS = 100;

export function startProgress(): Progress {
  const { stderr } = process;
  const begin = performance.now();
  let hasBar = false;
  let shownMs = Number.NEGATIVE_INFINITY;

  function erase(): void {
    if (hasBar) stderr.write(ERASE);
    hasBar = false;
  }

  const line = (text: string): void => {
    erase();
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    stderr.write(`${`[${seconds}s]`.padStart(9)} ${text}\n`);
  };
  if (!stderr.isTTY) return line;
  process.once('exit', erase);
  return Object.assign(line, {
    transfer: (transfer: Transfer | undefined): void => {
      if (transfer === undefined) erase();
      if (transfer === undefined || performance.now() - shownMs < EVERY_MS) return;
      shownMs = performance.now();
      hasBar = true;
      stderr.write(`${ERASE}${transferBar(transfer, stderr.columns || 80)}`);
    },
  });
}
