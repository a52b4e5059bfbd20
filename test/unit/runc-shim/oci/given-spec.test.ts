import { describe, expect, it } from 'vitest';
import { withRoot } from '../../../../runc-shim/containerd/with-root.ts';
import { generateSpec, processSpec } from '../../../../runc-shim/oci/generate.ts';
import { parseExact } from '../../../../runc-shim/oci/parse-exact.ts';
import { renderSpec } from '../../../../runc-shim/oci/render.ts';
import { containerOf, parseConfig } from '../../../../supervisor/linuxkit/read-config.ts';

const CONFIG = {
  ociVersion: '1.2.1',
  process: {
    terminal: true,
    consoleSize: { height: 1, width: 2 },
    user: { uid: 5, gid: 6 },
    args: ['/bin/x'],
    env: ['A=1'],
    cwd: '/tmp',
    somethingNew: { deep: [1] },
  },
  root: { path: 'rootfs', readonly: true },
  hostname: 'h',
  mounts: [{ destination: '/data', type: 'bind', source: '/var/data', options: ['rbind'] }],
  hooks: { poststop: [{ path: '/x' }] },
  linux: { namespaces: [{ type: 'mount' }], cgroupsPath: 'theirs', intelRdt: { closID: 'c' } },
};

const given = parseConfig(JSON.stringify(CONFIG), '/c/config.json');
const known = { name: 'x', image: '/c', rootfs: '/c/lower' };
const container = containerOf(given, known, '/c/config.json');

describe('generateSpec() of a container with a spec of its own', () => {
  it('changes where root and cgroup are, and nothing else', () => {
    const spec = generateSpec(container, { cgroupsPath: '/services/x' });
    expect(spec).toEqual({
      ...CONFIG,
      linux: { ...CONFIG.linux, cgroupsPath: '/services/x' },
    });
  });

  it('adds what the supervisor wants in it, and no mount twice', () => {
    const bind = { source: '/run/log', destination: '/dev/log', options: ['bind'] };
    const more = {
      ...container,
      env: [...container.env, 'NOTIFY_SOCKET=/n'],
      binds: [...container.binds, bind],
    };
    const spec = generateSpec(more, { cgroupsPath: '/services/x' });
    expect(spec.process.env).toEqual(['A=1', 'NOTIFY_SOCKET=/n']);
    expect(spec.mounts).toEqual([...CONFIG.mounts, { ...bind, type: 'bind' }]);
  });

  it('has its root where containerd looks for it', () => {
    const text = renderSpec(generateSpec(container, { cgroupsPath: '/services/x' }));
    expect(withRoot(text, '/elsewhere')).toContain('"root":{"path":"/elsewhere","readonly":true}');
  });

  it('keeps a number that JavaScript has none for', () => {
    const limit = '{"type":"RLIMIT_NOFILE","soft":1,"hard":18446744073709551615}';
    const text = JSON.stringify(CONFIG).replace('"cwd"', `"rlimits":[${limit}],"cwd"`);
    const exact = containerOf(parseConfig(text, ''), known, '');
    expect(renderSpec(generateSpec(exact, { cgroupsPath: '/x' }))).toContain(limit);
  });
});

it('processSpec() of it has no terminal, and its user', () => {
  const { terminal: _with, consoleSize: _of, ...rest } = CONFIG.process;
  expect(processSpec(container)).toEqual({ ...rest, terminal: false });
});

it('parseExact() leaves alone what is no whole number', () => {
  expect(parseExact('[1, -2.5, 1e400, "9007199254740993", 9007199254740993]')).toEqual([
    1,
    -2.5,
    Infinity,
    '9007199254740993',
    9007199254740993n,
  ]);
});
