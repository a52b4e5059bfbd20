import { describe, expect, it } from 'vitest';
import { planCompletion } from '../../../../../build/cli/completion/plan-completion.ts';

const LOGS = {
  usage: `Usage: ishmael logs NAME [SERVICE] [options]

  -f, --follow  go on
  -n, --tail N  the last lines
  --dir DIR     somewhere
`,
  completes: ['running', 'service'],
} as const;

describe('planCompletion()', () => {
  it.each([
    [[], '', { tag: 'running' }],
    [['m'], '', { tag: 'service', machine: 'm' }],
    [['-f', 'm'], 'w', { tag: 'service', machine: 'm' }],
    [['-n', '5', 'm'], '', { tag: 'service', machine: 'm' }],
    [['m', 'web'], '', { tag: 'words', words: [] }],
    [['m', '--tail'], '', { tag: 'words', words: [] }],
    [['m', '--dir'], '', { tag: 'file' }],
    [['m'], '-', { tag: 'words', words: ['--follow', '--tail', '--dir'] }],
  ])('after %j and %j is %j', (before, word, expected) => {
    expect(planCompletion(LOGS, before, word)).toEqual(expected);
  });

  it('goes on with the last kind where the help has an ellipsis', () => {
    const stop = {
      usage: 'Usage: ishmael stop NAME… [options]\n',
      completes: ['running'],
    } as const;
    expect(planCompletion(stop, ['a', 'b'], '')).toEqual({ tag: 'running' });
  });

  it('is a file for a command that says nothing', () => {
    expect(planCompletion({ usage: 'Usage: ishmael build FILE.yml\n' }, [], '')).toEqual({
      tag: 'file',
    });
  });

  it('is one of the words of the command', () => {
    const service = { usage: '', completes: [['start', 'stop'], 'running'] } as const;
    expect(planCompletion(service, [], 's')).toEqual({ tag: 'words', words: ['start', 'stop'] });
  });
});
