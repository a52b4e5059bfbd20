import { expect, it } from 'vitest';
import { transferBar } from '../../../../build/cli/transfer-bar.ts';

it('transferBar() has a bar where the whole is known, otherwise only the bytes', () => {
  expect(transferBar({ name: 'redis', bytes: 12_400_000, total: 49_600_000 }, 80)).toBe(
    'redis [######..................] 12.4 of 49.6 MB',
  );
  expect(transferBar({ name: 'redis', bytes: 60, total: 50 }, 80)).toContain(
    `[${'#'.repeat(24)}] 0.0 of 0.0 MB`,
  );
  expect(transferBar({ name: 'redis', bytes: 12_400_000 }, 80)).toBe('redis: 12.4 MB');
});

it.each([10, 40, 60])(
  'transferBar() never fills %i columns, the name gives way first',
  (columns) => {
    const transfer = { name: 'registry.example/a/long/name:tag', bytes: 1e6, total: 2e6 };
    const bar = transferBar(transfer, columns);
    expect(bar.length).toBeLessThan(columns);
    if (columns > 50) expect(bar).toMatch(/^registry.*\[#{12}\.{12}\] 1\.0 of 2\.0 MB$/);
  },
);
