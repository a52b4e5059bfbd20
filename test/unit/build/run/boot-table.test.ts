import { expect, it } from 'vitest';
import { renderBootReport } from '../../../../build/run/boot-table.ts';

it('renderBootReport() shows phases, steps with their outcome, and milestones in order', () => {
  const text = renderBootReport({
    phases: [
      {
        name: 'early',
        steps: [
          { name: 'mount /proc', startMs: 1000.4, endMs: 1010.4, outcome: 'ok' },
          { name: 'mount /x', startMs: 1010.4, endMs: 1012, outcome: 'failed', detail: 'ENODEV' },
        ],
      },
      { name: 'empty', steps: [] },
    ],
    milestones: { services: 2000, exec: 900 },
  });
  expect(text).toBe(
    [
      'boot step      at ms  took ms',
      'early           1000       12',
      '  mount /proc   1000       10',
      '  mount /x      1010        2  failed: ENODEV',
      'empty',
      'milestone  at ms',
      'exec         900',
      'services    2000',
      '',
    ].join('\n'),
  );
});
