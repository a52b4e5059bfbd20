import { afterEach, expect, it, vi } from 'vitest';
import { runCommand } from '../../../build/host-command.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('runCommand() tells a tool the way to the network and whom to trust there, and no other setting', async () => {
  vi.stubEnv('https_proxy', 'http://127.0.0.1:1');
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '/etc/our-network.pem');
  vi.stubEnv('LANG', 'de_DE.UTF-8');
  vi.stubEnv('GREP_COLORS', 'always');
  const lines = (await runCommand('env', [])).toString().split('\n');
  expect(lines).toContain('https_proxy=http://127.0.0.1:1');
  expect(lines).toContain('NODE_EXTRA_CA_CERTS=/etc/our-network.pem');
  expect(lines.filter((line) => /^(?:LANG|GREP_COLORS)=/.test(line))).toEqual([]);
});
