/**
 * In front of a session, where the image wants a password: nothing of the machine is shown and no key reaches
 * a session before it has been given. Locks again on request and after a while without a key, because a serial
 * line does not tell when its person has gone.
 *
 *   locked     a password is being typed, unseen
 *   checking   it is compared, or the delay after a wrong one is waited out; keys are dropped
 *   open       a session has the terminal
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { MachineInfo } from '../control/api.ts';
import type { Key } from './keys.ts';
import { EMPTY_LINE } from './line-editor.ts';
import type { Screen } from './screen.ts';
import type { Session } from './session.ts';
import type { Summary } from '../view/summary-view.ts';

export interface GateTerms {
  readonly isPassword: (text: string) => Promise<boolean>;
  /** Begins a session, which calls `lock` when the person asks for that. */
  readonly open: (lock: () => void) => Session;
  readonly pause?: (ms: number) => Promise<unknown>;
}

const MAX_PASSWORD = 256;
const FIRST_DELAY_MS = 2_000;
const LONGEST_DELAY_MS = 60_000;
const IDLE_MINUTES = 10;

type Mode =
  | { readonly tag: 'locked'; readonly typed: string }
  | { readonly tag: 'checking' }
  | { readonly tag: 'open'; readonly session: Session };

export function createGate(
  screen: Screen,
  { isPassword, open, pause = delay }: GateTerms,
): Session {
  let mode: Mode = { tag: 'locked', typed: '' };
  let machine: MachineInfo | undefined;
  let summary: Summary | undefined;
  let failures = 0;
  let idle: NodeJS.Timeout | undefined;

  function showPrompt(): void {
    const name = machine?.hostname ?? 'This machine';
    screen.showLine(`${name} is locked. Password: `, EMPTY_LINE);
  }

  function ask(): void {
    mode = { tag: 'locked', typed: '' };
    showPrompt();
  }

  function lock(why: string): void {
    if (mode.tag !== 'open') return;
    clearTimeout(idle);
    mode.session.close();
    screen.leaveLine();
    screen.print([why]);
    ask();
  }

  async function check(typed: string): Promise<void> {
    mode = { tag: 'checking' };
    screen.leaveLine();
    if (await isPassword(typed).catch(() => false)) return unlock();
    await pause(Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures, 16), LONGEST_DELAY_MS));
    failures += 1;
    screen.print(['That is not the password.']);
    return ask();
  }

  function unlock(): void {
    if (failures > 0) {
      const times = failures === 1 ? 'once' : `${failures} times`;
      screen.print([`Before this, a wrong password was given ${times}.`]);
    }
    failures = 0;
    const session = open(() => lock('Locked.'));
    mode = { tag: 'open', session };
    if (machine !== undefined) session.connected(machine, 'first');
    if (summary !== undefined) session.settled(summary);
    session.open();
    stayAwake();
  }

  function stayAwake(): void {
    clearTimeout(idle);
    const why = `Locked: ${IDLE_MINUTES} minutes without a key.`;
    idle = setTimeout(() => lock(why), IDLE_MINUTES * 60_000).unref();
  }

  function press(key: Key, typed: string): void {
    if ('char' in key) {
      mode = { tag: 'locked', typed: (typed + key.char).slice(0, MAX_PASSWORD) };
      return;
    }
    switch (key.name) {
      case 'enter':
        if (typed !== '') return void check(typed);
        screen.leaveLine();
        return ask();
      case 'backspace':
        mode = { tag: 'locked', typed: Array.from(typed).slice(0, -1).join('') };
        return;
      case 'interrupt':
      case 'delete-line':
        return ask();
      default:
    }
  }

  return {
    keys(keys) {
      for (const [index, key] of keys.entries()) {
        if (mode.tag === 'open') {
          stayAwake();
          return mode.session.keys(keys.slice(index));
        }
        if (mode.tag === 'locked') press(key, mode.typed);
      }
      if (mode.tag === 'locked') showPrompt();
    },
    takeBytes(bytes) {
      if (mode.tag !== 'open' || !mode.session.takeBytes(bytes)) return false;
      stayAwake();
      return true;
    },
    settled(told) {
      summary = told;
      if (mode.tag === 'open') mode.session.settled(told);
      else if (mode.tag === 'locked') showPrompt();
    },
    open() {
      if (mode.tag === 'open') mode.session.open();
      else if (mode.tag === 'locked') showPrompt();
    },
    connected(info, how) {
      machine = info;
      if (mode.tag === 'open') mode.session.connected(info, how);
    },
    event(entry) {
      if (mode.tag === 'open') mode.session.event(entry);
    },
    lost() {
      if (mode.tag === 'open') mode.session.lost();
    },
    close() {
      clearTimeout(idle);
      if (mode.tag === 'open') mode.session.close();
    },
  };
}
