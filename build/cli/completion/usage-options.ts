/** The options of a command, read from its help: what a person is told is what is completed. Pure. */

export interface UsageOption {
  readonly long: string;
  readonly short?: string;
  /** The word for its value, `DIR` or `N`; absent for one that takes none. */
  readonly value?: string;
}

const LINE = /^ +(?:(-\w), )?(--[a-z-]+)(?: ([A-Z][A-Z:]*))?/gm;

export function usageOptions(usage: string): readonly UsageOption[] {
  return [...usage.matchAll(LINE)].map(([, short, long = '', value]) => ({
    long,
    ...(short === undefined ? {} : { short }),
    ...(value === undefined ? {} : { value }),
  }));
}
