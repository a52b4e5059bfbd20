/** docs/cli.md is the reference: what a command's own help has, it has too. */
import { describe, expect, it } from 'vitest';
import { usageOptions } from '../../../../build/cli/completion/usage-options.ts';
import { COMMANDS } from '../../../../build/cli/dispatch.ts';
import { readSource } from '../../../meta/source-files.ts';

const sections = new Map(
  readSource('docs/cli.md')
    .split(/^##+ /m)
    .map((section) => {
      const [title = '', ...lines] = section.split('\n');
      return [title.trim(), lines.join('\n')] as const;
    }),
);

describe('docs/cli.md', () => {
  it.each([...COMMANDS.keys()])(
    'has a section on %s that names each of its options',
    async (name) => {
      const section = sections.get(`ishmael ${name}`);
      expect(section).toBeDefined();
      const usage = (await COMMANDS.get(name)?.())?.usage ?? '';
      const options = usageOptions(usage).map(({ long }) => long);
      expect(options.filter((option) => section?.includes(`\`${option}`) !== true)).toEqual([]);
    },
  );

  it('has no section on a command that does not exist', () => {
    const told = [...sections.keys()].flatMap((title) => /^ishmael (\S+)/.exec(title)?.[1] ?? []);
    expect(told.filter((name) => !COMMANDS.has(name))).toEqual([]);
  });
});
