import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSource, repositoryFiles, ROOT } from './source-files.ts';

const LARGEST_BYTES = 512 * 1024;
const files = repositoryFiles();

describe('the repository', () => {
  it('holds no large file', () => {
    expect(files.filter((path) => statSync(join(ROOT, path)).size > LARGEST_BYTES)).toEqual([]);
  });

  it('says nowhere where packages come from', () => {
    // The machine's own configuration knows its mirrors and registries. The lock file pins by hash.
    expect(readSource('package-lock.json')).not.toMatch(/"resolved":/);
    const host =
      /\b(deb|security|registry|mirrors?|ftp|archive|proxy)\.[a-z-]+\.(org|com|io|net)\b/i;
    const wrong = files.filter((path) => path !== 'package-lock.json' && host.test(text(path)));
    expect(wrong).toEqual([]);
  });

  /** Of this machine, for documentation, private, or of the link (where clouds answer their machines; Azure's host has one of its own). */
  const NOBODYS =
    /^(0\.0\.0\.0$|168\.63\.129\.16$|(127|192\.0\.2|198\.51\.100|203\.0\.113|10|169\.254)\.)/;

  it('names no host in code, but the ones reserved for examples', () => {
    const code = files.filter((path) => /\.(ts|sh|yml|yaml|txt)$|^\.ci\//.test(path));
    const wrong = code.flatMap((path) =>
      [...text(path).matchAll(/https?:\/\/([a-z0-9-]+(\.[a-z0-9-]+)+)/gi)]
        .map((match) => match[1] ?? '')
        .filter((host) => !/(^|\.)(example|test|invalid|localhost)(\.(com|org|net))?$/.test(host))
        .filter((host) => !NOBODYS.test(host))
        .map((host) => `${path}: ${host}`),
    );
    expect(wrong).toEqual([]);
  });

  it('lists the package of every host tool that a step requires', () => {
    // Buildah is one of two tools that will do: only the tests insist on it.
    const listed = text('build/host-packages.txt') + text('test/host-packages.txt');
    const packages = files
      .filter((path) => path.startsWith('build/') && path.endsWith('.ts'))
      .flatMap((path) =>
        [...text(path).matchAll(/\bpackage: '([^']+)'/g)].map((match) => match[1]),
      );
    expect(packages.length).toBeGreaterThan(0);
    const missing = packages.filter(
      (name) => !new RegExp(`^\\S+ +${name?.replaceAll('+', '\\+')} `, 'm').test(listed),
    );
    expect(missing).toEqual([]);
  });

  it('shows the example of the README as it is', () => {
    expect(text('README.md')).toContain(`\`\`\`yaml\n${text('examples/redis.yml')}\`\`\`\n`);
  });

  it('has shell scripts that stop at the first error', () => {
    const scripts = files.filter((path) => /\.sh$|^\.ci\//.test(path));
    expect(scripts.length).toBeGreaterThan(0);
    const wrong = scripts.filter(
      (path) =>
        text(path).startsWith('#!/usr/bin/env bash') && !/^set -euo pipefail$/m.test(text(path)),
    );
    expect(wrong).toEqual([]);
  });
});

function text(path: string): string {
  return readSource(path);
}
