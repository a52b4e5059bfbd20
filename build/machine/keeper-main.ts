/**
 * The process that stays with a detached machine. It is told what to run over its channel to the command
 * that starts it, and goes on alone once it has said that the machine runs; if that command goes away before,
 * so does the machine.
 */
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { errorMessage } from '../../sys/errno.ts';
import { keepMachine, type KeptMachine } from './keep-machine.ts';
import type { FromKeeper, ToKeeper } from './keeper-message.ts';

let kept: KeptMachine | undefined;
let isWanted = true;

function tell(message: FromKeeper): void {
  if (process.connected) process.send?.(message);
}

function leave(): void {
  if (process.connected) process.disconnect?.();
}

async function keep(request: ToKeeper): Promise<void> {
  try {
    kept = await keepMachine(request, (text) => tell({ kind: 'note', text }));
  } catch (error) {
    tell({ kind: 'failed', message: errorMessage(error) });
    leave();
    return;
  }
  if (!isWanted) await kept.kill();
  tell({ kind: 'started', record: kept.record });
  leave();
  await kept.ended;
  // Whatever is left open: the machine is gone, and that is written down.
  process.exit(0);
}

/** The machine is worth more than one answer to one command. */
function survive(error: unknown): void {
  if (kept === undefined) throw error;
  const log = join(dirname(kept.record.consoleLog), 'keeper.log');
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    appendFileSync(log, `${new Date().toISOString()} ${text}\n`);
  } catch {
    // A full disk: nobody is left to tell.
  }
}

process.on('uncaughtException', survive);
process.on('unhandledRejection', survive);
process.on('SIGHUP', () => {});
process.on('SIGINT', () => {});
process.on('SIGTERM', () => void kept?.kill());
process.once('disconnect', () => (isWanted = kept !== undefined));
process.once('message', (request) => void keep(request as ToKeeper));
