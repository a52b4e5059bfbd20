import { beforeEach, describe, expect, it, vi } from 'vitest';
import { serviceApplet } from '../../../../supervisor/applets/service-applet.ts';
import { runApplet, wordsOf } from '../../../../supervisor/applets/run-applet.ts';
import type { UnitStatus } from '../../../../supervisor/control/api.ts';
import { type ControlClient, ControlError } from '../../../../supervisor/control/client.ts';

let posted: string[];
/** What the machine says of the service, one after another; the last stays. */
let says: UnitStatus[];
let errors: string;

const WEB: UnitStatus = {
  id: 'web',
  name: 'web',
  kind: 'service',
  image: 'x',
  state: 'running',
  pid: 7,
  reason: '',
  restarts: 0,
  sinceMs: 0,
};

const client: ControlClient = {
  get: async <T>(path: string): Promise<T> => {
    if (!path.endsWith('/web')) throw new ControlError('not-found', 'no such unit');
    const unit = says.length > 1 ? says.shift() : says[0];
    return Promise.resolve(unit as T);
  },
  post: async <T>(path: string): Promise<T> => {
    posted.push(path);
    return Promise.resolve(undefined as T);
  },
  stream: async () => Promise.resolve(),
  close: () => undefined,
};

beforeEach(() => {
  posted = [];
  says = [WEB];
  errors = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text);
    return true;
  });
  return () => vi.restoreAllMocks();
});

describe('serviceApplet()', () => {
  it('stops a service and returns when it is down', async () => {
    says = [WEB, { ...WEB, state: 'stopping' }, { ...WEB, state: 'stopped' }];
    expect(await serviceApplet(['stop', 'web'], client)).toBe(0);
    expect(posted).toEqual(['/v1/services/web/stop']);
    expect(says).toHaveLength(1);
  });

  it('starts one and returns when it runs', async () => {
    says = [{ ...WEB, state: 'stopped' }, { ...WEB, state: 'starting' }, WEB];
    expect(await serviceApplet(['-v', 'start', 'web'], client)).toBe(0);
    expect(says).toHaveLength(1);
  });

  it('waits at a restart for another process than before', async () => {
    says = [WEB, WEB, { ...WEB, state: 'starting' }, { ...WEB, pid: 8 }];
    expect(await serviceApplet(['restart', 'web'], client)).toBe(0);
    expect(says).toEqual([{ ...WEB, pid: 8 }]);
  });

  it('fails with the reason of a service that does not come up', async () => {
    says = [
      { ...WEB, state: 'stopped' },
      { ...WEB, state: 'failed', reason: 'no image' },
    ];
    expect(await serviceApplet(['start', 'web'], client)).toBe(1);
    expect(errors).toBe('service start web: no image\n');
  });

  it('knows services only', async () => {
    expect(await serviceApplet(['start', 'nobody'], client)).toBe(1);
    says = [{ ...WEB, kind: 'onboot' }];
    expect(await serviceApplet(['start', 'web'], client)).toBe(1);
    expect(errors).toMatch(/nobody: there is no such service\n.*web: there is no such service\n/);
    expect(posted).toEqual([]);
  });

  it.each([[[]], [['start']], [['status', 'web']], [['start', 'web', 'more']], [['stop', '-x']]])(
    'shows its usage to %j',
    async (args) => {
      expect(await serviceApplet(args, client)).toBe(1);
      expect(errors).toMatch(/^USAGE/);
    },
  );

  it('has nothing to do for what PID 1 has done already', async () => {
    expect(await serviceApplet(['system-init'], client)).toBe(0);
    expect(errors).toBe('');
  });
});

it("wordsOf() tells LinuxKit's service from the binary by its other names", () => {
  expect(wordsOf('/usr/bin/service', ['stop', 'web'])).toEqual(['service', 'stop', 'web']);
  expect(wordsOf('/usr/bin/ishmael', ['stop', 'web'])).toEqual(['stop', 'web']);
  expect(runApplet([])).toBeUndefined();
});
