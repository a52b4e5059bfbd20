import { describe, expect, test } from 'vitest';
import { APPLETS } from '../../../../supervisor/applets/run-applet.ts';
import {
  COMMAND_NAMES,
  helpLines,
  isAllowed,
  parseCommand,
  refusal,
} from '../../../../supervisor/console/command.ts';
import { complete } from '../../../../supervisor/console/completion.ts';
import { findUnit } from '../../../../supervisor/view/find-unit.ts';
import { unitStatus } from '../../../support/unit-status.ts';

function messageOf(result: object): string {
  return 'message' in result ? String(result.message) : '';
}

const PLAIN = { follow: false, all: false, json: false };

describe('parseCommand()', () => {
  test.each([
    ['', { tag: 'nothing' }],
    ['  status ', { tag: 'status', ...PLAIN }],
    ['status --json', { tag: 'status', ...PLAIN, json: true }],
    ['status redis', { tag: 'status', unit: 'redis', ...PLAIN }],
    ['logs redis', { tag: 'logs', unit: 'redis', ...PLAIN }],
    ['logs -f redis -n 5', { tag: 'logs', unit: 'redis', ...PLAIN, follow: true, count: 5 }],
    ['logs redis -n20', { tag: 'logs', unit: 'redis', ...PLAIN, count: 20 }],
    ['crash', { tag: 'crash', ...PLAIN }],
    ['why redis', { tag: 'why', unit: 'redis', ...PLAIN }],
    ['events -f', { tag: 'events', ...PLAIN, follow: true }],
    ['top -n 3', { tag: 'top', ...PLAIN, count: 3 }],
    ['signal redis HUP', { tag: 'signal', unit: 'redis', signal: 'HUP', ...PLAIN }],
    ['signal redis 1', { tag: 'signal', unit: 'redis', signal: '1', ...PLAIN }],
    ['boot -a', { tag: 'boot', ...PLAIN, all: true }],
    ['restart redis', { tag: 'restart', unit: 'redis', ...PLAIN }],
    ['reboot', { tag: 'reboot', ...PLAIN }],
    ['exec redis sh', { tag: 'exec', unit: 'redis', args: ['sh'], ...PLAIN }],
    [
      `exec redis sh -c "echo 'a b' \\$c" -n`,
      { tag: 'exec', unit: 'redis', args: ['sh', '-c', "echo 'a b' $c", '-n'], ...PLAIN },
    ],
    ['logs "redis"', { tag: 'logs', unit: 'redis', ...PLAIN }],
  ])('understands "%s"', (line, command) => {
    expect(parseCommand(line)).toEqual(command);
  });

  test.each([
    'logs',
    'logs a b',
    'logs a -n',
    'logs a -n x',
    'logs a -x',
    'poweroff now',
    'poweroff --json',
    'status -f',
    'help -n 3',
    'why',
    'signal redis',
    'signal redis -9',
    'signal redis HUP USR1',
    'mem redis',
    'start',
    'boot redis',
    'restart a b',
    'exec',
    'exec redis',
    'exec -t redis sh',
    'logs a -a',
    'status a b',
  ])('answers "%s" with the usage, and does not do it', (line) => {
    const command = parseCommand(line);
    expect(command.tag === 'wrong' && command.message).toMatch(/^Usage: /);
  });

  test.each([
    ['stats', 'status'],
    ['log', 'logs'],
    ['hlep', 'help'],
    ['power', 'poweroff'],
  ])('takes "%s" for a misspelt %s', (line, meant) => {
    expect(parseCommand(line)).toEqual({
      tag: 'wrong',
      message: `Unknown command "${line}". Did you mean "${meant}"?`,
    });
  });

  test.each([`exec redis sh -c 'echo`, 'logs "redis', 'exec redis echo \\'])(
    'does nothing of %s, which has no end',
    (line) => {
      expect(messageOf(parseCommand(line))).toContain('A quote has no end');
    },
  );

  test('points to help when nothing is near', () => {
    expect(messageOf(parseCommand('systemctl'))).toContain('"help"');
  });
});

describe('helpLines()', () => {
  test('has a line for every command, none wider than a terminal', () => {
    const lines = helpLines('shell');
    expect(lines).toHaveLength(COMMAND_NAMES.length + 1);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('keeps apart what may only be looked at', () => {
    const lines = helpLines('status');
    expect(lines.join('\n')).not.toMatch(/^ {2}poweroff/m);
    expect(lines.at(-1)).toMatch(/^Not allowed here: .*poweroff/);
    expect(lines.at(-1)?.length).toBeLessThanOrEqual(80);
  });
});

describe('isAllowed()', () => {
  test.each(COMMAND_NAMES)('%s is allowed with shell', (name) => {
    expect(isAllowed(name, 'shell')).toBe(true);
  });

  test('with control everything is but to run programs', () => {
    expect(COMMAND_NAMES.filter((name) => !isAllowed(name, 'control'))).toEqual(['exec']);
    expect(refusal('exec')).toContain('"console: shell"');
    expect(refusal('stop')).toContain('"console: control"');
  });

  test.each(['start', 'stop', 'restart', 'signal', 'poweroff', 'reboot', 'resume'] as const)(
    '%s is not when only looking',
    (name) => {
      expect(isAllowed(name, 'status')).toBe(false);
    },
  );
});

test('a shell has every command that makes sense there', () => {
  expect(COMMAND_NAMES.filter((name) => !APPLETS.includes(name))).toEqual(['lock']);
});

describe('complete()', () => {
  const units = ['redis', 'redis-exporter', 'dhcpcd'];

  test.each([
    ['stat', 'us ', []],
    ['st', '', ['status', 'start', 'stop']],
    ['reb', 'oot ', []],
    ['re', '', ['restart', 'reboot', 'resume']],
    ['logs d', 'hcpcd ', []],
    ['logs ke', 'rnel ', []],
    ['status ke', '', []],
    ['logs r', 'edis', []],
    ['logs redis', '', ['redis', 'redis-exporter']],
    ['status ', '', units],
    ['poweroff ', '', []],
    ['x', '', []],
    ['constructor ', '', []],
  ])('"%s" + "%s"', (before, insert, candidates) => {
    expect(complete(before, COMMAND_NAMES, units)).toEqual({ insert, candidates });
  });
});

describe('findUnit()', () => {
  const units = [
    unitStatus('000-sysctl', { name: 'sysctl' }),
    unitStatus('001-sysctl', { name: 'sysctl' }),
    unitStatus('redis'),
  ];

  test('finds by id and by a name that is the only one', () => {
    expect(findUnit(units, '001-sysctl')).toMatchObject({
      tag: 'found',
      unit: { id: '001-sysctl' },
    });
    expect(findUnit(units, 'redis')).toMatchObject({ tag: 'found', unit: { id: 'redis' } });
  });

  test('asks which one when several have the name', () => {
    expect(messageOf(findUnit(units, 'sysctl'))).toContain('000-sysctl, 001-sysctl');
  });
});
