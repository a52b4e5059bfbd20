import { describe, expect, it } from 'vitest';
import { parseMetaData } from '../../../../supervisor/metadata/meta-data.ts';
import { filesOfUserdata } from '../../../../supervisor/metadata/userdata-files.ts';

const files = (userdata: unknown) => filesOfUserdata(Buffer.from(JSON.stringify(userdata)));

describe('filesOfUserdata()', () => {
  it('is a tree of files and folders', () => {
    expect(
      files({
        ssh: { entries: { sshd_config: { perm: '0600', content: 'PermitRootLogin yes' } } },
        empty: { perm: '0700', entries: {} },
        motd: { content: '' },
      }),
    ).toEqual({
      files: [
        { path: 'ssh', mode: 0o755 },
        { path: 'ssh/sshd_config', content: 'PermitRootLogin yes', mode: 0o600 },
        { path: 'empty', mode: 0o700 },
        { path: 'motd', content: '', mode: 0o644 },
      ],
      problems: [],
    });
  });

  it.each(['#!/bin/sh\n{}', '#cloud-config\n', '', '"text"', '[]', 'null', '\xff'])(
    'has nothing to do with %j',
    (userdata) => {
      expect(filesOfUserdata(Buffer.from(userdata, 'latin1'))).toBe(undefined);
    },
  );

  it.each([
    ['both', { content: 'a', entries: {} }, 'either'],
    ['neither', { perm: '0644' }, 'either'],
    ['no object', 7, 'is no object'],
    ['a list', [], 'is no object'],
    ['a number as content', { content: 7 }, 'either'],
    ['a bad perm', { content: 'a', perm: 'rw-' }, 'octal'],
    ['a perm that is a number', { content: 'a', perm: 644 }, 'octal'],
  ])('leaves out an entry with %s, and says so', (_what, entry, problem) => {
    const found = files({ bad: entry, good: { content: 'b' } });
    expect(found?.files.map(({ path }) => path)).toEqual(['good']);
    expect(found?.problems).toEqual([expect.stringContaining(`bad: `)]);
    expect(found?.problems[0]).toContain(problem);
  });

  it.each(['..', '.', '', '../../etc/passwd', 'a/b', 'a\0b'])(
    'never leaves its folder: %j',
    (name) => {
      const found = files({ a: { entries: { [name]: { content: 'x' } } } });
      expect(found?.files.map(({ path }) => path)).toEqual(['a']);
      expect(found?.problems).toHaveLength(1);
    },
  );

  it('has an end', () => {
    let tree: unknown = { content: 'x' };
    for (let depth = 0; depth < 2000; depth += 1) tree = { entries: { a: tree } };
    const found = files({ a: tree });
    expect(found?.files.length).toBeLessThan(20);
    expect(found?.problems).toEqual([expect.stringContaining('deeper')]);
  });
});

describe('parseMetaData()', () => {
  const parsed = (text: string) => {
    const { values, lists } = parseMetaData(text);
    return { ...Object.fromEntries(values), ...Object.fromEntries(lists) };
  };

  it('knows lines, quotes, comments and lists', () => {
    const text = [
      '# written by hand',
      'instance-id: iid-pequod',
      'local-hostname: "pequod" # the ship',
      "dsmode: 'it''s'",
      'public-keys:',
      '  - ssh-ed25519 AAAA ahab',
      '  - "ssh-rsa BBBB starbuck"',
      'network-interfaces: |',
      '  auto eth0',
      '',
    ].join('\r\n');
    expect(parsed(text)).toMatchObject({
      'instance-id': 'iid-pequod',
      'local-hostname': 'pequod',
      'public-keys': ['ssh-ed25519 AAAA ahab', 'ssh-rsa BBBB starbuck'],
    });
  });

  it('knows JSON', () => {
    const text = JSON.stringify({ 'local-hostname': 'pequod', 'public-keys': ['a', 7], more: {} });
    expect(parsed(text)).toEqual({ 'local-hostname': 'pequod', 'public-keys': ['a'] });
  });

  it.each(['', '\0\0', 'null', '7'])('finds nothing in %j', (text) => {
    expect(parsed(text)).toEqual({});
  });
});
