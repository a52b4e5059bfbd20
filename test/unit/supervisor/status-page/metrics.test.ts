import { expect, it } from 'vitest';
import { exposition } from '../../../../supervisor/status-page/metrics/exposition.ts';
import { nodeMetrics } from '../../../../supervisor/status-page/metrics/node-metrics.ts';
import { unitMetrics } from '../../../../supervisor/status-page/metrics/unit-metrics.ts';
import { pageFacts, UNIT } from './facts-example.ts';

const { machine, image, cpu } = pageFacts();
const FACTS = {
  machine,
  image,
  cpu,
  memory: { totalKiB: 1000 } as never,
  pressure: {},
  disks: [],
  mounts: [
    { target: '/', root: '/', fstype: 'tmpfs', source: 'old', options: [] },
    {
      target: '/',
      root: '/',
      fstype: 'tmpfs',
      source: 'new',
      options: [],
      space: { totalBytes: 9, freeBytes: 8, availableBytes: 7, files: 0, filesFree: 0 },
    },
  ],
  network: [],
  units: [UNIT, { ...UNIT, id: 'console', kind: 'system' as const }],
  usage: [
    { id: 'web', cpuUs: 2_500_000, memoryBytes: 4096, pids: 3 },
    { id: 'console', cpuUs: 1, memoryBytes: 1, pids: 1 },
  ],
};

it('exposition() escapes labels and leaves out what has no sample', () => {
  const family = { name: 'a', type: 'gauge', help: 'A.' } as const;
  const labels = { x: 'a"b\\c\nd' };
  expect(
    exposition([
      { ...family, samples: [{ labels, value: 1.5 }] },
      { ...family, samples: [] },
    ]),
  ).toBe(
    String.raw`# HELP a A.
# TYPE a gauge
a{x="a\"b\\c\nd"} 1.5
`,
  );
});

it('nodeMetrics() counts in seconds and bytes', () => {
  const text = exposition(nodeMetrics(FACTS, 1_000_061_000));
  expect(text).toContain('node_cpu_seconds_total{cpu="0",mode="user"} 1.5\n');
  expect(text).toContain('node_memory_total_bytes 1024000\n');
  expect(text).toContain('node_boot_time_seconds 1000000\n');
  expect(text).not.toContain('pressure');
});

it('nodeMetrics() has one sample for a place that was mounted over', () => {
  const text = exposition(nodeMetrics(FACTS, 0));
  expect(text.match(/^node_filesystem_avail_bytes.*$/gm)).toEqual([
    'node_filesystem_avail_bytes{device="new",fstype="tmpfs",mountpoint="/"} 7',
  ]);
});

it('unitMetrics() tells of services and tasks', () => {
  const text = exposition(unitMetrics(FACTS));
  const labels = 'unit="web",name="web",kind="service"';
  expect(text).toContain(`ishmael_unit_state{${labels},state="running"} 1\n`);
  expect(text).toContain(`ishmael_unit_state{${labels},state="failed"} 0\n`);
  expect(text).toContain(`ishmael_unit_healthy{${labels}} 1\n`);
  expect(text).toContain(`ishmael_unit_cpu_seconds_total{${labels}} 2.5\n`);
  expect(text).not.toContain('console');
});
