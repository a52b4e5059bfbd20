/** One line being edited, with a history. Pure: a state and a key give the next state and what to do. */
import type { Key, KeyName } from './keys.ts';

/** The cursor stands between `before` and `after`. */
export interface LineState {
  readonly before: string;
  readonly after: string;
  readonly history: readonly string[];
  /** Which entry of the history is shown; its length when it is none of them. */
  readonly browsing: number;
  /** What was typed before going up into the history. */
  readonly draft: string;
}

export type LineAction =
  | { readonly tag: 'none' }
  | { readonly tag: 'submit'; readonly line: string }
  | { readonly tag: 'interrupt' }
  | { readonly tag: 'complete' }
  | { readonly tag: 'clear-screen' };

export interface Edit {
  readonly state: LineState;
  readonly action: LineAction;
}

const MAX_LINE = 1_000;
const MAX_HISTORY = 100;
const NONE: LineAction = { tag: 'none' };

export const EMPTY_LINE: LineState = { before: '', after: '', history: [], browsing: 0, draft: '' };

export function edit(state: LineState, key: Key): Edit {
  return 'char' in key
    ? { state: insert(state, key.char), action: NONE }
    : pressed(state, key.name);
}

/** Puts `text` where the cursor is; a line has its limit. */
export function insert(state: LineState, text: string): LineState {
  if (state.before.length + state.after.length + text.length > MAX_LINE) return state;
  return { ...state, before: state.before + text };
}

function pressed(state: LineState, name: KeyName): Edit {
  const { before, after } = state;
  switch (name) {
    case 'enter':
      return submitted(state, before + after);
    case 'interrupt':
      return { state: emptied(state), action: { tag: 'interrupt' } };
    case 'tab':
      return { state, action: { tag: 'complete' } };
    case 'clear-screen':
      return { state, action: { tag: 'clear-screen' } };
    case 'backspace':
      return moved(state, withoutLast(before), after);
    case 'delete':
    case 'end-of-input':
      return moved(state, before, after.slice(first(after).length));
    case 'left':
      return moved(state, withoutLast(before), last(before) + after);
    case 'right':
      return moved(state, before + first(after), after.slice(first(after).length));
    case 'home':
      return moved(state, '', before + after);
    case 'end':
      return moved(state, before + after, '');
    case 'delete-line':
      return moved(state, '', after);
    case 'delete-to-end':
      return moved(state, before, '');
    case 'delete-word':
      return moved(state, before.replace(/\S*\s*$/, ''), after);
    case 'up':
      return browsed(state, state.browsing - 1);
    case 'down':
      return browsed(state, state.browsing + 1);
  }
}

function moved(state: LineState, before: string, after: string): Edit {
  return { state: { ...state, before, after }, action: NONE };
}

function submitted(state: LineState, line: string): Edit {
  const isNew = line.trim() !== '' && line !== state.history.at(-1);
  const history = isNew ? [...state.history, line].slice(-MAX_HISTORY) : state.history;
  return { state: emptied({ ...state, history }), action: { tag: 'submit', line } };
}

function emptied(state: LineState): LineState {
  return { ...EMPTY_LINE, history: state.history, browsing: state.history.length };
}

function browsed(state: LineState, index: number): Edit {
  if (index < 0 || index > state.history.length) return { state, action: NONE };
  const isLeavingDraft = state.browsing === state.history.length;
  const draft = isLeavingDraft ? state.before + state.after : state.draft;
  const before = state.history[index] ?? draft;
  return { state: { ...state, before, after: '', browsing: index, draft }, action: NONE };
}

/** Whole code points, so that half a surrogate pair is never left. */
function last(text: string): string {
  return Array.from(text).at(-1) ?? '';
}

function first(text: string): string {
  const code = text.codePointAt(0);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function withoutLast(text: string): string {
  return text.slice(0, text.length - last(text).length);
}
