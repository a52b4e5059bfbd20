/**
 * One person at one terminal: shows what happens, then a prompt; takes keys, runs commands. Knows the
 * screen and the control client, not the device and not the connection.
 *
 *   booting    events scroll by; any key opens the prompt early
 *   prompt     a line is being edited
 *   running    a command prints; Ctrl-C stops it, other keys wait for the prompt. Or a program has the terminal,
 *              and all keys but the way out
 *   closed     somebody else has the terminal
 */
import { errorMessage } from '../../sys/errno.ts';
import type { HistoryEntry, MachineInfo, UnitStatus } from '../control/api.ts';
import type { ControlClient } from '../control/client.ts';
import { allowedCommands, isAllowed, type Order, parseCommand, refusal } from './command.ts';
import type { BeginExec } from './command-context.ts';
import { complete, wantsUnits } from './completion.ts';
import { emergencyLines } from '../view/emergency-view.ts';
import { eventLines } from '../view/event-view.ts';
import type { EventReader } from './event-feed.ts';
import type { Key } from './keys.ts';
import { edit, EMPTY_LINE, insert, type LineState } from './line-editor.ts';
import type { ConsoleMode } from './policy.ts';
import { runCommand } from './run-command.ts';
import { bytesOfKeys, type LentTerminal, lendTerminal } from './program-terminal.ts';
import type { Screen } from './screen.ts';
import { type Style, styleOfEvent } from '../view/style.ts';
import type { Summary } from '../view/summary-view.ts';
import type { SizeQuery } from './terminal-size.ts';

export interface SessionOutput {
  readonly screen: Screen;
  /** For a program that has the terminal: as it is. */
  write(bytes: Uint8Array | string): void;
  /** Resolves when the terminal has room for more. */
  room(): Promise<void>;
  /** Drops what is still to be written, after Ctrl-C. */
  clear(): void;
  /** Asks the terminal how large it is; resolves soon in any case. */
  readonly size: Pick<SizeQuery, 'ask' | 'reset'>;
}

export interface Session extends EventReader {
  keys(keys: readonly Key[]): void;
  /** Whether a program has the terminal and has got these bytes, which then are no keys of ours. */
  takeBytes(bytes: Uint8Array): boolean;
  /** The boot is over: prints `summary` and opens the prompt, if it is not open. */
  settled(summary: Summary): void;
  /** Opens the prompt, if it is not open: somebody is there. */
  open(): void;
  /** Stops what runs and says nothing any more. */
  close(): void;
}

export interface SessionTerms {
  readonly mode: ConsoleMode;
  /** Only what is wrong is shown without being asked for; the prompt waits for a key. */
  readonly quiet: boolean;
  /** What `lock` does; absent where there is no password. */
  readonly lock?: () => void;
  readonly exec: BeginExec;
}

interface Announcement {
  readonly lines: readonly string[];
  readonly style?: Style | undefined;
}

type Mode =
  | { readonly tag: 'booting' }
  | { readonly tag: 'prompt' }
  | {
      readonly tag: 'running';
      readonly abort: AbortController;
      readonly events: EventsDuring;
      readonly program?: LentTerminal;
    }
  | { readonly tag: 'closed' };

/** Printed as always; `own`: the command shows them itself; `held`: it has the whole screen; `lent`: a program has. */
type EventsDuring = 'printed' | 'own' | 'held' | 'lent';

const MAX_TYPED_AHEAD = 256;
/** Of what was to be said while something else had the screen; `events` has more. */
const MAX_HELD = 20;

/** A re-execution of PID 1 and the end of the machine are over sooner than this and need no word. */
const TELL_LOST_MS = 3_000;

export function createSession(
  client: ControlClient,
  output: SessionOutput,
  { mode: allowed, quiet, lock, exec }: SessionTerms,
): Session {
  const { screen } = output;
  let mode: Mode = { tag: 'booting' };
  let line: LineState = EMPTY_LINE;
  let prompt = 'ishmael> ';
  let typedAhead: Key[] = [];
  let tellLost: NodeJS.Timeout | undefined;
  let isLostTold = false;
  let held: Announcement[] = [];

  function showPrompt(): void {
    mode = { tag: 'prompt' };
    screen.showLine(prompt, line);
  }

  /** A function, because the mode changes while `away` waits. */
  function isClosed(): boolean {
    return mode.tag === 'closed';
  }

  /** Runs `work` with the prompt away; comes back to the prompt when it ends or Ctrl-C is pressed. */
  async function away(
    work: (signal: AbortSignal) => Promise<void>,
    events: EventsDuring = 'printed',
  ): Promise<void> {
    const abort = new AbortController();
    mode = { tag: 'running', abort, events };
    const aborted = new Promise<void>((resolve) => {
      abort.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      // Ctrl-C must also work when PID 1 does not answer.
      await Promise.race([work(abort.signal), aborted]);
    } catch (error) {
      if (!abort.signal.aborted) screen.print([errorMessage(error)]);
    }
    abort.abort();
    if (isClosed()) return;
    lent()?.finish();
    screen.leaveFrame();
    tellHeld();
    showPrompt();
    const keys = typedAhead;
    typedAhead = [];
    pressAll(keys);
  }

  /** A function, because the mode changes while `away` waits. */
  function lent(): LentTerminal | undefined {
    return mode.tag === 'running' ? mode.program : undefined;
  }

  /** What nobody has asked for: not into a picture, and not into what a program draws. */
  function announce(lines: readonly string[], style?: Style): void {
    const during = mode.tag === 'running' ? mode.events : 'printed';
    if (during === 'held' || during === 'lent') held = [...held, { lines, style }].slice(-MAX_HELD);
    else screen.print(lines, style);
  }

  function tellHeld(): void {
    const announcements = held;
    held = [];
    for (const { lines, style } of announcements) screen.print(lines, style);
  }

  function submit(text: string): void {
    screen.leaveLine();
    const command = parseCommand(text);
    if (command.tag === 'nothing') return showPrompt();
    if (command.tag === 'wrong') return say(command.message);
    if (command.tag === 'lock' && lock !== undefined) return lock();
    if (!isAllowed(command.tag, allowed)) return say(refusal(command.tag));
    void away((signal) => obey(command, signal), eventsDuring(command));
    return undefined;
  }

  async function obey(order: Order, signal: AbortSignal): Promise<void> {
    await output.size.ask();
    const show = (draw: () => void): Promise<void> => {
      if (signal.aborted) return Promise.resolve();
      draw();
      return output.room();
    };
    await runCommand(order, {
      client,
      signal,
      mode: allowed,
      width: screen.size.columns,
      print: (lines, style) => show(() => screen.print(lines, style)),
      showFrame: (lines) => show(() => screen.showFrame(lines)),
      ...(order.tag === 'exec' ? { program: { terminal: lend(), exec } } : {}),
    });
  }

  function lend(): LentTerminal {
    const program = lendTerminal({
      size: screen.size,
      isKnown: screen.isKnown,
      write: (bytes) => output.write(bytes),
      room: () => output.room(),
      typedAhead() {
        const keys = typedAhead;
        typedAhead = [];
        return bytesOfKeys(keys);
      },
      onWayOut() {
        program.finish();
        screen.print(['The program has lost its terminal.']);
        if (mode.tag === 'running') mode.abort.abort();
      },
    });
    if (mode.tag === 'running') mode = { ...mode, program };
    return program;
  }

  function say(message: string): void {
    screen.print([message]);
    showPrompt();
  }

  function completeLine(): void {
    if (!wantsUnits(line.before)) return applyCompletion([]);
    void away(async (signal) => {
      const units = await client.get<readonly UnitStatus[]>('/v1/services');
      if (!signal.aborted) applyCompletion(units.map((unit) => unit.name));
    });
    return undefined;
  }

  function applyCompletion(units: readonly string[]): void {
    const completion = complete(line.before, allowedCommands(allowed), units);
    if (completion.candidates.length > 0) screen.print([completion.candidates.join('  ')]);
    line = insert(line, completion.insert);
    screen.showLine(prompt, line);
  }

  function press(key: Key): void {
    const { state, action } = edit(line, key);
    line = state;
    switch (action.tag) {
      case 'none':
        return screen.showLine(prompt, line);
      case 'submit':
        return submit(action.line);
      case 'interrupt':
        screen.leaveLine();
        return screen.showLine(prompt, line);
      case 'complete':
        return completeLine();
      case 'clear-screen':
        output.size.reset();
        return screen.clear();
    }
  }

  function pressAll(keys: readonly Key[]): void {
    for (const key of keys) {
      if (mode.tag === 'prompt') {
        press(key);
      } else if (mode.tag === 'booting') {
        showPrompt();
        if ('char' in key) press(key);
      } else if (mode.tag === 'closed') {
        return;
      } else if (isInterrupt(key, mode)) {
        typedAhead = [];
        output.clear();
        screen.print(['^C']);
        mode.abort.abort();
      } else if (typedAhead.length < MAX_TYPED_AHEAD) {
        typedAhead.push(key);
      }
    }
  }

  return {
    keys: pressAll,
    takeBytes: (bytes) => lent()?.push(bytes) ?? false,
    settled({ lines, isFine }) {
      if (quiet && isFine) return;
      screen.print(lines);
      if (mode.tag === 'booting') showPrompt();
    },
    connected(machine: MachineInfo, how) {
      prompt = `${machine.image === '' ? 'ishmael' : machine.image}> `;
      const { emergency } = machine;
      if (emergency !== undefined) prompt = `emergency ${prompt}`;
      if (emergency !== undefined && how !== 'again') {
        screen.print(
          emergencyLines(emergency, screen.size.columns, (way) => isAllowed(way, allowed)),
        );
        // There is no boot to wait for the end of.
        if (mode.tag === 'booting') showPrompt();
      } else if (how === 're-executed') {
        announce([`PID 1 was executed again (generation ${machine.generation}).`]);
      } else if (isLostTold) {
        announce(['PID 1 answers again.']);
      }
      clearTimeout(tellLost);
      isLostTold = false;
      if (mode.tag === 'prompt') screen.showLine(prompt, line);
    },
    open() {
      if (mode.tag === 'booting') showPrompt();
    },
    close() {
      lent()?.finish();
      if (mode.tag === 'running') mode.abort.abort();
      mode = { tag: 'closed' };
      clearTimeout(tellLost);
    },
    event(entry: HistoryEntry) {
      if (quiet && entry.severity === 'info') return;
      if (mode.tag === 'running' && mode.events === 'own') return;
      announce(eventLines(entry), styleOfEvent(entry));
    },
    lost() {
      clearTimeout(tellLost);
      tellLost = setTimeout(() => {
        isLostTold = true;
        announce(['PID 1 does not answer; trying again.']);
      }, TELL_LOST_MS).unref();
    },
  };
}

/** A picture that has the whole screen ends with q as well, as a person expects. */
function isInterrupt(key: Key, { events }: Mode & { tag: 'running' }): boolean {
  if ('name' in key) return key.name === 'interrupt';
  return events === 'held' && key.char === 'q';
}

function eventsDuring({ tag, follow }: Order): EventsDuring {
  if (tag === 'top') return 'held';
  if (tag === 'exec') return 'lent';
  return tag === 'events' && follow ? 'own' : 'printed';
}
