/** What the word being typed can be. Pure: names of machines and services are looked up by others. */
import type { Command, Completes } from '../command.ts';
import { type UsageOption, usageOptions } from './usage-options.ts';

export type Completion =
  | { readonly tag: 'words'; readonly words: readonly string[] }
  | { readonly tag: 'file' | 'running' | 'machine' }
  | { readonly tag: 'service'; readonly machine: string };

const NOTHING: Completion = { tag: 'words', words: [] };

/** @param before the command's words before the one being typed */
export function planCompletion(
  { usage, completes = ['file'] }: Pick<Command, 'usage' | 'completes'>,
  before: readonly string[],
  word: string,
): Completion {
  const options = usageOptions(usage);
  const asked = valueWanted(options, before.at(-1));
  if (asked !== undefined) return asked === 'DIR' ? { tag: 'file' } : NOTHING;
  if (word.startsWith('-')) return { tag: 'words', words: options.map(({ long }) => long) };
  const given = before.filter((text, index) => {
    return !text.startsWith('-') && valueWanted(options, before[index - 1]) === undefined;
  });
  return forArgument(argumentAt(completes, given.length, usage), given);
}

function valueWanted(
  options: readonly UsageOption[],
  previous: string | undefined,
): string | undefined {
  if (previous === undefined) return undefined;
  return options.find(({ long, short }) => previous === long || previous === short)?.value;
}

/** One that may be repeated has `…` behind it in the first line of the help. */
function argumentAt(
  completes: readonly Completes[],
  index: number,
  usage: string,
): Completes | undefined {
  const isRepeated = (usage.split('\n')[0] ?? '').includes('…');
  return completes[index] ?? (isRepeated ? completes.at(-1) : undefined);
}

function forArgument(kind: Completes | undefined, given: readonly string[]): Completion {
  switch (kind) {
    case undefined:
      return NOTHING;
    case 'file':
    case 'running':
    case 'machine':
      return { tag: kind };
    case 'service':
      return { tag: 'service', machine: given.at(-1) ?? '' };
    default:
      return { tag: 'words', words: kind };
  }
}
