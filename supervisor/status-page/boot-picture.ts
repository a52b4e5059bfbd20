/**
 * The boot as a picture: a bar for each step on a common time, and a line for each milestone. Pure. Places are in
 * percent of the width, and letters keep their size, so that it can be read on a phone.
 */
import type { BootReport } from '../control/api.ts';
import { secondsText } from '../view/time-text.ts';
import { type Html, html } from './html.ts';

const ROW = 22;
const TOP = 20;

interface Bar {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly kind: string;
}

export function bootPicture({ phases, milestones }: BootReport): Html {
  const steps = phases.flatMap((phase) => phase.steps.map(stepBar));
  const bars = [...steps, ...Object.entries(milestones).map(milestoneBar)].toSorted(
    (a, b) => a.startMs - b.startMs,
  );
  const instants = bars.filter(({ kind }) => kind === 'milestone');
  const endMs = Math.max(1, ...bars.map((bar) => bar.endMs));
  const at = (ms: number): string => `${((ms / endMs) * 100).toFixed(2)}%`;
  if (bars.length === 0) return html`<p>Nothing is known of the boot.</p>`;
  const height = TOP + bars.length * ROW;
  return html`<svg class="boot" role="img" aria-label="The boot took ${secondsText(endMs)}; each step is in the table below." width="100%" height="${height}">
${instants.map(({ startMs }) => html`<line class="mark" x1="${at(startMs)}" x2="${at(startMs)}" y1="${TOP - 6}" y2="${height}"/>`)}
<text x="0" y="12">0</text><text x="100%" y="12" text-anchor="end">${secondsText(endMs)}</text>
${bars.map((bar, index) => barRow(bar, TOP + index * ROW, endMs, at))}
</svg>
<details><summary>The same as a table</summary>
<table><caption>Milestones and steps of the boot</caption>
<thead><tr><th scope="col">What</th><th scope="col" class="number">Begin</th><th scope="col" class="number">Took</th></tr></thead>
<tbody>${bars.map((bar) => html`<tr><th scope="row">${label(bar)}</th><td class="number">${secondsText(bar.startMs)}</td><td class="number">${secondsText(bar.endMs - bar.startMs)}</td></tr>`)}</tbody></table>
</details>`;
}

function stepBar(step: BootReport['phases'][number]['steps'][number]): Bar {
  return { name: step.name, startMs: step.startMs, endMs: step.endMs, kind: step.outcome };
}

function milestoneBar([name, atMs]: readonly [string, number]): Bar {
  return { name, startMs: atMs, endMs: atMs, kind: 'milestone' };
}

function barRow(bar: Bar, y: number, endMs: number, at: (ms: number) => string): Html {
  const width = at(Math.max(bar.endMs - bar.startMs, endMs / 400));
  // Beyond the middle there is more room on the left of a bar.
  const isLate = bar.startMs > endMs / 2;
  const place = isLate
    ? html`x="${at(bar.startMs)}" dx="-6" text-anchor="end"`
    : html`x="${at(bar.endMs)}" dx="6"`;
  return html`<rect class="${bar.kind}" x="${at(bar.startMs)}" y="${y + 4}" width="${width}" height="${ROW - 8}" rx="2"/><text ${place} y="${y + 15}">${label(bar)}</text>`;
}

function label({ name, kind }: Bar): string {
  return kind === 'ok' ? name : `${name} (${kind})`;
}
