import { describe, expect, test } from 'vitest';
import { parseIndexTargets, renderSources } from '../../../../build/component/debian-mirror.ts';

const LINES = [
  'deb|NodeSource|NodeSource|main|https://node.test/',
  'deb-src|Debian|Debian|main|http://sources.test/',
  'deb|Debian|Debian Backports|main|http://backports.test/',
  'deb|Debian|Debian|contrib|http://contrib.test/',
  'deb|Debian|Debian|main|http://mirror.test/debian/',
  'deb|Debian|Debian-Security|main|http://mirror.test/security/',
];

describe('parseIndexTargets()', () => {
  test("finds Debian's own archives among others", () => {
    expect(parseIndexTargets(LINES.join('\n'))).toEqual({
      main: 'http://mirror.test/debian/',
      security: 'http://mirror.test/security/',
    });
  });

  test('does without security updates when the machine does', () => {
    expect(parseIndexTargets(LINES.slice(0, 5).join('\n'))).toEqual({
      main: 'http://mirror.test/debian/',
    });
  });

  test('has no answer without a Debian archive', () => {
    expect(parseIndexTargets(LINES.slice(0, 4).join('\n'))).toBeUndefined();
    expect(parseIndexTargets('')).toBeUndefined();
  });
});

describe('renderSources()', () => {
  test('asks for Debian 13 and its updates, with the keys of the host', () => {
    const mirrors = { main: 'http://m.test/debian/', security: 'http://m.test/security/' };
    expect(renderSources(mirrors, '/keys.gpg')).toBe(
      `Types: deb
URIs: http://m.test/debian/
Suites: trixie trixie-updates
Components: main
Signed-By: /keys.gpg

Types: deb
URIs: http://m.test/security/
Suites: trixie-security
Components: main
Signed-By: /keys.gpg
`,
    );
  });

  test('has one area, and not another with it', () => {
    const sources = renderSources({ main: 'http://m.test/' }, undefined, 'non-free-firmware');
    expect(sources).toContain('Components: non-free-firmware\n');
  });
});
