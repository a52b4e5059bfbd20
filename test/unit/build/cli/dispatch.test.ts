import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMANDS, dispatch } from '../../../../build/cli/dispatch.ts';

let printed: string;
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

describe('dispatch()', () => {
  it('help lists every command', async () => {
    expect(await dispatch(['help'])).toBe(0);
    for (const name of COMMANDS.keys()) {
      expect(printed).toMatch(new RegExp(`^  ${name} +\\w`, 'm'));
    }
  });

  it.each([...COMMANDS.keys()])('help %s is %s --help', async (name) => {
    await dispatch(['help', name]);
    const help = printed;
    printed = '';
    await dispatch([name, '--help']);
    expect(printed).toBe(help);
    expect(help).toMatch(new RegExp(`^Usage: ishmael ${name}`));
    expect(help).toMatch(new RegExp(`^Examples?:\n .*ishmael ${name}`, 'm'));
  });

  it.each<[string[], string]>([
    [[], 'Missing a command'],
    [['sail'], "'sail'"],
    [['help', 'sail'], "'sail'"],
    [['build'], 'Missing the YAML FILE'],
    [['build', '/absent/a.yml', '/absent/b.yml'], "'/absent/a.yml'"],
    [['build', 'package.json', '/absent/b.yml'], "'/absent/b.yml'"],
    [['build', 'a.yml', '--set', 'x'], "'--set'"],
    [['build', '-'], "'--name'"],
    [['build', 'a.yml', '--sail'], "'--sail'"],
    [['build', 'a.yml', '--format', 'iso'], "'--format'"],
    [['build', 'a.yml', '--name', '../a'], "'--name'"],
    [['build', '/absent/a.yml'], "'/absent/a.yml'"],
    [['run'], 'Missing the NAME'],
    [['run', 'a', '--publish', '80'], "'--publish'"],
    [['run', 'a', '--memory', 'much'], "'--memory'"],
    [['run', 'a', '--cpus', '0'], "'--cpus'"],
    [['run', 'a', '--accel', 'xen'], "'--accel'"],
    [['run', 'a', '--disk', '/absent/a.raw'], "'/absent/a.raw'"],
    [['run', 'a', '-d', '--name', '../a'], "'--name'"],
    [['run', 'a', '--json'], "'--detach'"],
    [['ps', 'a'], "'a'"],
    [['stop'], 'Missing the NAME'],
    [['stop', 'a', '--timeout', 'soon'], "'--timeout'"],
    [['kill'], 'Missing the NAME'],
    [['rm'], 'Missing the NAME'],
    [['status'], 'Missing the NAME'],
    [['status', 'a', 'b', 'c'], "'c'"],
    [['logs', 'a', '--tail', 'all'], "'--tail'"],
    [['why', 'a'], 'Missing the SERVICE'],
    [['boot', 'a', 'b'], "'b'"],
    [['service'], 'Missing start, stop or restart'],
    [['service', 'sail', 'a', 'b'], "'service sail'"],
    [['service', 'stop', 'a'], 'Missing the SERVICE'],
    [['completion'], 'Missing bash, zsh or fish'],
    [['completion', 'tcsh'], "'tcsh'"],
    [['start', 'now'], "'now'"],
    [['replay'], 'Missing the FILE'],
    [['replay', '/absent/events.jsonl'], "'/absent/events.jsonl'"],
    [['build', 'a.yml', '--mirror', 'x'], "'--mirror'"],
    [['build', 'a.yml', '--pull', '--locked'], "'--pull'"],
    [['images'], 'Missing ls'],
    [['images', 'sail'], "'images sail'"],
    [['images', 'ls', 'sail'], "'sail'"],
    [['images', 'pull'], 'what to pull'],
    [['images', 'pull', 'ishmael/redis'], "'ishmael/redis'"],
    [['images', 'pull', 'oci:x'], "'oci:x'"],
    [['images', 'import', 'oci:x'], "'--name'"],
    [['images', 'import', 'oci:x', '--name', 'ishmael/x'], "'ishmael/'"],
    [['images', 'import', '/absent', '--name', 'x'], "'/absent'"],
    [['images', 'export', 'x'], 'DESTINATION'],
    [['images', 'rm'], 'the NAME'],
    [['components'], 'list, show, build or refresh'],
    [['components', 'sail'], "'components sail'"],
    [['components', 'list', 'sail'], "'sail'"],
    [['components', 'show'], 'NAME of a component'],
    [['components', 'show', 'sail'], "'ishmael/sail'"],
    [['components', 'build', 'sail'], "'ishmael/sail'"],
  ])('%j is a usage error that says why', async (args, why) => {
    await expect(dispatch(args)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringContaining(why) as string,
    });
    expect(printed).toBe('');
  });
});
