import { expect, it } from 'vitest';
import { renderPage } from '../../../../supervisor/status-page/page.ts';
import { logLinesPart, pageParts } from '../../../../supervisor/status-page/page-parts.ts';
import { pageFacts, UNIT } from './facts-example.ts';

const ASSETS = { style: '/style.css', script: '/script.js' };
const LOG = { name: 'all', lines: [] };
const EVIL = `"'><script>alert(1)</script><img src=x onerror=alert(1)>`;

it('renderPage() has the facts without a script', () => {
  const page = renderPage(pageFacts(), LOG, ASSETS);
  for (const fact of ['whale', 'All is well: 1 service runs', 'running, healthy', '1m 1s', '2.0 s'])
    expect(page).toContain(fact);
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).not.toMatch(/ style=| on[a-z]+=|https?:/);
});

it('renderPage() lets nobody write HTML', () => {
  const unit = { ...UNIT, id: EVIL, name: EVIL, image: EVIL, reason: EVIL };
  const facts = pageFacts([unit]);
  const line = { seq: 1, atMs: 1, unit: EVIL, stream: 'stdout', text: EVIL } as const;
  const event = { seq: 1, atMs: 1, unit: EVIL, severity: 'error', text: EVIL } as const;
  const step = { name: EVIL, startMs: 1, endMs: 2, outcome: 'ok' } as const;
  const page = renderPage(
    {
      ...facts,
      machine: { ...facts.machine, hostname: EVIL, image: EVIL, kernel: EVIL },
      image: { name: EVIL, commandLine: EVIL },
      boot: { phases: [{ name: EVIL, steps: [step] }], milestones: { [EVIL]: 5 } },
      events: [event],
      software: [{ name: EVIL, digest: EVIL, packages: [{ name: EVIL, version: EVIL }] }],
    },
    { name: EVIL, lines: [line] },
    ASSETS,
  );
  expect(page).not.toContain('<script>');
  expect(page).not.toContain('<img');
  expect(page.split('&lt;script&gt;').length).toBeGreaterThan(15);
});

it('pageParts() has the id of each part at its beginning, where the script looks for it', () => {
  const parts = Object.entries(pageParts(pageFacts()));
  expect(parts.length).toBeGreaterThan(4);
  for (const [id, part] of parts) expect(part).toMatch(new RegExp(`^<[a-z]+ id="${id}"`));
});

it('pageParts() draws a line for each time that was seen, and none over a gap', () => {
  const cpu = [0.5, 0.5, undefined, 0.25];
  const parts = pageParts({ ...pageFacts(), series: { cpu, memory: [] } });
  expect(parts['charts']).toContain('class="line" d="M0 50L1 50"');
  expect(parts['charts']).toContain('class="line" d="M3 75H2"');
  expect(parts['charts']).toContain('CPU over the last hour: 25 % now, at most 50 %');
  expect(parts['charts']).toContain('Memory over the last hour: nothing measured yet');
});

it('pageParts() draws the boot to its scale', () => {
  const { boot } = pageParts(pageFacts());
  expect(boot).toContain('<rect class="ok" x="5.00%" y="46" width="5.00%"');
  expect(boot).toContain('clock (failed)');
  expect(boot).toContain('x1="100.00%"');
});

it('logLinesPart() says whose a line is where it may be anybody’s, and cuts what is too long', () => {
  const line = { seq: 1, atMs: 1, unit: 'web', stream: 'stderr', text: 'x'.repeat(9000) } as const;
  expect(logLinesPart([line], 'all')).toContain('<b>web</b>');
  expect(logLinesPart([line], 'web')).not.toContain('<b>');
  expect(logLinesPart([line], 'web').length).toBeLessThan(2200);
});
