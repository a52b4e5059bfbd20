import { describe, expect, it } from 'vitest';
import { parseRuntimeConfig } from '../../../../init/containerd/runtime-config.ts';

describe('parseRuntimeConfig()', () => {
  it('reads what LinuxKit documents', () => {
    const text = [
      '# how to start it',
      'cliopts = "--log-level debug  --config /etc/mine.toml"',
      `stderr='/var/log/containerd.err.log' # kept`,
      'stdout="/var/log/a \\"b\\".log"',
    ].join('\n');
    expect(parseRuntimeConfig(text)).toEqual({
      cliopts: ['--log-level', 'debug', '--config', '/etc/mine.toml'],
      stderr: '/var/log/containerd.err.log',
      stdout: '/var/log/a "b".log',
      problems: [],
    });
  });

  it('has nothing to say of an empty one', () => {
    expect(parseRuntimeConfig('\n  \n')).toEqual({ cliopts: [], problems: [] });
    expect(parseRuntimeConfig('stdout = ""')).toEqual({ cliopts: [], problems: [] });
  });

  it('tells of what it does not know, and goes on', () => {
    const { cliopts, problems } = parseRuntimeConfig(
      '[grpc]\ncolour = "red"\ncliopts = "-l"\nstdout = 3',
    );
    expect(cliopts).toEqual(['-l']);
    expect(problems).toEqual([
      'line 1 is not understood: [grpc]',
      'line 2 is not understood: colour = "red"',
      'line 4 is not understood: stdout = 3',
    ]);
  });
});
