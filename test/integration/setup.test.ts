import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SETUP = resolve(import.meta.dirname, '../../build/setup.sh');

// A checkout with nothing in it but what setup.sh reads, and programs that only note their arguments.
let checkout: string;
let fakes: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'ishmael-setup-'));
  fakes = join(checkout, 'fakes');
  write('package-lock.json', '{}\n');
  write('build/host-packages.txt', '# comment\n\nsh  dash  to be there already\n');
  copyFileSync(SETUP, join(checkout, 'build/setup.sh'));
  fake('sudo', 'shift; exec "$@"');
  fake('npm', 'mkdir -p node_modules/.bin; touch node_modules/.bin/node; chmod +x $_');
  // Like the real one: without package lists it knows no package.
  fake(
    'apt-get',
    'if [[ $1 == update ]]; then touch $CHECKOUT/lists; else [[ -e $CHECKOUT/lists ]]; fi',
  );
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(checkout, path)), { recursive: true });
  writeFileSync(join(checkout, path), text);
}

/** A program that notes its name and arguments in `calls` and then runs `body`. */
function fake(name: string, body: string): void {
  write(`fakes/${name}`, `#!/bin/bash\necho "${name} $*" >>$CHECKOUT/calls\n${body}\n`);
  chmodSync(join(fakes, name), 0o755);
}

function setup(...lists: readonly string[]): {
  code: number | null;
  stderr: string;
  calls: string[];
} {
  rmSync(join(checkout, 'calls'), { force: true });
  const { status, stderr } = spawnSync('bash', [join(checkout, 'build/setup.sh'), ...lists], {
    cwd: '/',
    encoding: 'utf8',
    env: { PATH: `${fakes}:/usr/bin:/bin`, CHECKOUT: checkout },
  });
  const calls = existsSync(join(checkout, 'calls'))
    ? readFileSync(join(checkout, 'calls'), 'utf8').trim().split('\n')
    : [];
  return { code: status, stderr, calls: calls.filter((call) => !call.startsWith('sudo')) };
}

describe('setup.sh', () => {
  it('knows a package without a program by a file of it', () => {
    write('firmware.fd', 'no program');
    write('test/list.txt', `${join(checkout, 'firmware.fd')}  ovmf  to boot\n`);
    expect(setup('test/list.txt').calls.filter((call) => call.startsWith('apt-get'))).toEqual([]);
    rmSync(join(checkout, 'firmware.fd'));
    expect(setup('test/list.txt').calls).toContainEqual(expect.stringMatching(/^apt-get .* ovmf/));
  });

  it('installs node_modules by the lock file, once, and again when that changes', () => {
    expect(setup()).toMatchObject({ code: 0, calls: ['npm ci --loglevel=error'] });
    expect(setup()).toEqual({ code: 0, stderr: '', calls: [] });
    write('package-lock.json', '{"changed": true}\n');
    expect(setup().calls).toEqual(['npm ci --loglevel=error']);
  });

  it('makes the link that npx finds', () => {
    setup();
    const link = join(checkout, 'node_modules/.bin/ishmael');
    expect(resolve(dirname(link), readlinkSync(link))).toBe(join(checkout, 'build/ishmael.sh'));
  });

  it('says which package it installs and why, and fetches package lists when there are none', () => {
    write('build/host-packages.txt', 'no-such-tool  some-package  to test this\n');
    const { code, stderr, calls } = setup();
    expect(code).toBe(0);
    expect(stderr).toContain('setup: installing some-package: to test this\n');
    const [simulated, update, install] = calls;
    expect(simulated).toMatch(/^apt-get install .*some-package --simulate$/);
    expect(update).toBe('apt-get update --quiet=2');
    expect(install).toMatch(/^apt-get install .*--no-install-recommends some-package /);
  });

  it('installs what is on the lists that are named besides', () => {
    write('test/more.txt', 'no-such-tool-either  test-package  to test more\n');
    expect(setup().calls.join()).not.toContain('test-package');
    expect(setup('test/more.txt').calls.join()).toContain('--no-install-recommends test-package');
    expect(setup('test/absent.txt')).toMatchObject({ code: 1, calls: [] });
  });

  it('does not fetch package lists that are there', () => {
    write('build/host-packages.txt', 'no-such-tool  some-package  to test this\n');
    write('lists', '');
    expect(setup().calls).not.toContain('apt-get update --quiet=2');
  });

  it('stops when a package cannot be installed, before npm', () => {
    write('build/host-packages.txt', 'no-such-tool  some-package  to test this\n');
    fake('apt-get', '[[ $1 == update ]]');
    const { code, calls } = setup();
    expect(code).not.toBe(0);
    expect(calls.filter((call) => call.startsWith('npm'))).toEqual([]);
  });

  it('tells a fresh checkout from one that is set up', () => {
    copyFileSync(resolve(SETUP, '../ishmael.sh'), join(checkout, 'build/ishmael.sh'));
    expect(() =>
      execFileSync('bash', [join(checkout, 'build/ishmael.sh')], { stdio: 'pipe' }),
    ).toThrow('not set up yet');
  });
});
