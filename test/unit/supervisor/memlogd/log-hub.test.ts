import { describe, expect, it } from 'vitest';
import { entryOf, MAX_ENTRIES, sourceOf } from '../../../../supervisor/memlogd/entry.ts';
import { LogHub } from '../../../../supervisor/memlogd/log-hub.ts';

function collect(): { lines: string[]; write: (line: string) => boolean } {
  const lines: string[] = [];
  return { lines, write: (line) => lines.push(line) > 0 };
}

describe('LogHub', () => {
  it('keeps the newest lines, in their order', () => {
    const hub = new LogHub();
    const count = 3 * MAX_ENTRIES + 7;
    for (let index = 0; index < count; index += 1) hub.add(entryOf('x', String(index), 0));
    const reader = collect();
    hub.dump(reader);
    expect(reader.lines).toHaveLength(MAX_ENTRIES);
    expect(JSON.parse(reader.lines[0] ?? '')).toMatchObject({ msg: String(count - MAX_ENTRIES) });
    expect(JSON.parse(reader.lines.at(-1) ?? '')).toMatchObject({ msg: String(count - 1) });
  });

  it('tells followers what comes, until they go', () => {
    const hub = new LogHub();
    hub.add(entryOf('x', 'before', 0));
    const reader = collect();
    const end = hub.follow(reader);
    hub.add(entryOf('x', 'now', 0));
    end();
    hub.add(entryOf('x', 'after', 0));
    expect(reader.lines).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","source":"x","msg":"now"}\n',
    ]);
  });
});

it.each([
  ['redis', 'stderr', 'redis'],
  ['redis', 'stdout', 'redis.out'],
  ['redis', 'syslog', 'redis'],
  ['000-dhcpcd', 'stdout', 'onboot.000-dhcpcd.out'],
  ['onshutdown-001-bye', 'stderr', 'shutdown.001-bye'],
  [undefined, 'kernel', 'kernel'],
] as const)('sourceOf() calls the log of %s, %s, as LinuxKit does', (unit, stream, source) => {
  expect(sourceOf({ ...(unit === undefined ? {} : { unit }), stream })).toBe(source);
});
