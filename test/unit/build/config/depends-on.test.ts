import { describe, expect, test } from 'vitest';

import { parseConfig } from '../../../../build/config/parse-config.ts';
import { problems, services, problemsWithImages } from './fixtures.ts';

describe('parseConfig() and dependsOn:', () => {
  test.each([
    ['a list', 'dependsOn: [b, format]'],
    ['a map', 'dependsOn: {b: {condition: started}, format: {condition: completed}}'],
    ['a map without a condition', 'dependsOn: {b: {}}'],
    ['the words of compose', 'dependsOn: {b: {condition: service_started}}'],
    ['the unit of a task', 'dependsOn: [000-format]'],
    ['an entry that is a map', 'dependsOn: [{service: b}]'],
    ['such an entry with terms', 'dependsOn: [{service: b, condition: started, required: false}]'],
    ['a task with a condition', 'dependsOn: [{service: format, condition: completed}]'],
    ['conditions of the machine', 'dependsOn: [{path: /run/x}, {network: any}, {time: set}]'],
    ['interfaces', 'dependsOn: [{network: eth0}, {network: wlp0s20f3.100}]'],
    ['a clock that is kept right', 'dependsOn: [{time: synchronized}, b]'],
    ['the same name twice', 'dependsOn: [b, {service: b}]'],
    ['a dependency that need not be', 'dependsOn: {b: {required: false}}'],
  ])('accepts %s', (_, dependsOn) => {
    expect(problems(services(`name: a, ${dependsOn}`, 'name: b'))).toEqual([]);
  });

  test.each([
    ['an unknown name in a list', 'dependsOn: [b, fromat]', ['5:40 unknown-dependency format']],
    ['an unknown name in a map', 'dependsOn: {bb: {}}', ['5:37 unknown-dependency b']],
    ['a name that is no word', 'dependsOn: [1]', ['5:37 wrong-type']],
    ['a dependency that is a word', 'dependsOn: b', ['5:36 wrong-type']],
    ['a dependency that is empty', 'dependsOn: {b: }', ['5:37 wrong-type']],
    [
      'an unknown condition',
      'dependsOn: {b: {condition: startet}}',
      ['5:52 unknown-value started'],
    ],
    ['a mistyped key', 'dependsOn: {b: {conditon: started}}', ['5:41 unknown-key condition']],
    ['a required that is a word', 'dependsOn: {b: {required: "no"}}', ['5:51 wrong-type']],
    [
      'two mistakes at once',
      'dependsOn: {b: {condition: x, required: 1}}',
      ['5:52 unknown-value', '5:65 wrong-type'],
    ],
    ['an unknown name in an entry', 'dependsOn: [{service: bb}]', ['5:47 unknown-dependency b']],
    ['an entry of nothing', 'dependsOn: [{}]', ['5:37 missing-key']],
    ['an entry that is empty', 'dependsOn: [b, ]', []],
    ['an entry of two things', 'dependsOn: [{path: /x, service: b}]', ['5:38 conflict']],
    ['terms of a path', 'dependsOn: [{path: /x, required: false}]', ['5:48 conflict']],
    ['a mistyped entry', 'dependsOn: [{pth: /x}]', ['5:37 missing-key', '5:38 unknown-key path']],
    ['a relative path', 'dependsOn: [{path: x}]', ['5:44 invalid-value']],
    ['an interface that cannot be', 'dependsOn: [{network: a/b}]', ['5:47 invalid-value']],
    ['a long interface', 'dependsOn: [{network: a123456789012345}]', ['5:47 invalid-value']],
    ['an interface of no name', 'dependsOn: [{network: ""}]', ['5:47 invalid-value']],
    ['a mistyped time', 'dependsOn: [{time: synchronised}]', ['5:44 unknown-value synchronized']],
    [
      "compose's restart",
      'dependsOn: {b: {condition: started, restart: true}}',
      ['5:61 unknown-key'],
    ],
    [
      'a condition in an entry',
      'dependsOn: [{service: b, condition: helthy}]',
      ['5:61 unknown-value healthy'],
    ],
    ['a completed that never comes', 'dependsOn: {b: {condition: completed}}', ['5:52 conflict']],
  ])('places %s', (_, dependsOn, expected) => {
    expect(problems(services(`name: a, ${dependsOn}`, 'name: b'))).toEqual(expected);
  });

  test.each(['no', 'on-failure', 'on-failure:3'])(
    'lets a service complete with restart %s',
    (rule) => {
      const a = 'name: a, dependsOn: {b: {condition: service_completed_successfully}}';
      expect(problems(services(a, `name: b, restart: ${rule}`))).toEqual([]);
    },
  );

  test('never lets a service complete that is always started again', () => {
    const a = 'name: a, dependsOn: {b: {condition: completed}}';
    expect(problems(services(a, 'name: b, restart: always'))).toEqual(['5:52 conflict']);
  });

  test.each([
    ['a map', 'dependsOn: {b: {condition: healthy}}'],
    ['a list', 'dependsOn: [{service: b, condition: healthy}]'],
    ['the word of compose', 'dependsOn: {b: {condition: service_healthy}}'],
  ])('waits for health in %s', (_, dependsOn) => {
    const checked = 'name: b, healthcheck: {tcp: 80}';
    expect(problems(services(`name: a, ${dependsOn}`, checked))).toEqual([]);
  });

  test.each([
    ['has no healthcheck', 'name: b'],
    ['turns its healthcheck off', 'name: b, healthcheck: {disable: true}'],
    ['has compose turn it off', 'name: b, healthcheck: {test: NONE}'],
  ])('knows that nothing becomes healthy that %s', (_, other) => {
    const text = services('name: a, dependsOn: {b: {condition: healthy}}', other);
    expect(problems(text)).toEqual([]);
    expect(problemsWithImages(text)).toEqual(['5:52 conflict']);
  });

  test('knows that an onboot task never becomes healthy', () => {
    const text = services('name: a, dependsOn: {format: {condition: healthy}}');
    expect(problems(text)).toEqual(['5:57 conflict']);
  });

  test('says nothing of health where the healthcheck is wrong itself', () => {
    const a = 'name: a, dependsOn: {b: {condition: healthy}}';
    expect(problems(services(a, 'name: b, healthcheck: {tcp: 0}'))).toEqual(['6:44 invalid-value']);
  });

  test.each([
    ['itself', ['name: a, dependsOn: [a]'], '5:37', 'a → a'],
    [
      'a ring of three, at the edge that closes it',
      ['name: a, dependsOn: [b]', 'name: b, dependsOn: {c: {}}', 'name: c, dependsOn: [format, a]'],
      '7:45',
      'a → b → c → a',
    ],
    [
      'a ring of health, in a list',
      [
        'name: a, healthcheck: {tcp: 1}, dependsOn: [{service: b, condition: healthy}]',
        'name: b, healthcheck: {tcp: 1}, dependsOn: [{service: a, condition: healthy}]',
      ],
      '6:70',
      'a → b → a',
    ],
    [
      'a ring that is not required',
      ['name: a, dependsOn: {b: {required: false}}', 'name: b, dependsOn: {a: {required: false}}'],
      '6:37',
      'a → b → a',
    ],
  ])('prints and places a cycle: %s', (_, entries, place, names) => {
    const { diagnostics } = parseConfig('x.yml', services(...entries));
    expect(diagnostics.map(({ code, line, col }) => `${line}:${col} ${code}`)).toEqual([
      `${place} dependency-cycle`,
    ]);
    expect(diagnostics[0]?.message).toMatch(new RegExp(`: ${names}$`));
  });

  test('reports a cycle in a file with other mistakes', () => {
    const text = services('name: a, dependsOn: [b], cwd: x', 'name: b, dependsOn: [a]');
    expect(problems(text)).toEqual(['5:46 invalid-value', '6:37 dependency-cycle']);
  });

  test('takes a service for what it names, not a task of the same name', () => {
    const text = services('name: format, dependsOn: [format]');
    expect(problems(text)).toEqual(['5:42 dependency-cycle']);
  });
});
