/** A line over an hour as SVG, rendered here so that it is there without a script. Pure. */
import { type Html, html } from './html.ts';

const HEIGHT = 100;

export interface ChartRequest {
  readonly id: string;
  readonly title: string;
  /** Shares from 0 to 1, oldest first. */
  readonly values: readonly (number | undefined)[];
  /** Beside the number: `of 2 processors`. */
  readonly of: string;
}

export function chart({ id, title, values, of }: ChartRequest): Html {
  const known = values.filter((value) => value !== undefined);
  const [now, most] = [known.at(-1), Math.max(0, ...known)];
  const said =
    now === undefined ? 'nothing measured yet' : `${percent(now)} now, at most ${percent(most)}`;
  return html`<figure class="chart" id="${id}">
<figcaption><span>${title}</span> <strong>${now === undefined ? '–' : percent(now)}</strong> <small>${of}</small></figcaption>
<svg role="img" aria-label="${title} over the last hour: ${said}" viewBox="0 0 ${values.length - 1} ${HEIGHT}" preserveAspectRatio="none">
<path class="grid" d="M0 50H${values.length - 1}M0 0H${values.length - 1}M0 100H${values.length - 1}"/>
${runs(values).map((run) => html`<path class="area" d="${area(run)}"/><path class="line" d="${line(run)}"/>`)}
</svg>
<p class="scale"><span>1 h ago</span><span>most ${known.length === 0 ? '–' : percent(most)}</span><span>now</span></p>
</figure>`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

type Point = readonly [x: number, y: number];

/** What belongs together: a gap ends a line. */
function runs(values: readonly (number | undefined)[]): Point[][] {
  const found: Point[][] = [];
  let current: Point[] | undefined;
  values.forEach((value, x) => {
    if (value === undefined) {
      current = undefined;
      return;
    }
    if (current === undefined) found.push((current = []));
    current.push([x, Math.round((1 - Math.min(1, Math.max(0, value))) * HEIGHT * 10) / 10]);
  });
  return found;
}

function line(run: readonly Point[]): string {
  const [first = [0, 0]] = run;
  // A single point is drawn as a short line: one without length is not seen.
  const end = run.length === 1 ? `H${first[0] - 1}` : '';
  return `M${run.map(([x, y]) => `${x} ${y}`).join('L')}${end}`;
}

function area(run: readonly Point[]): string {
  const [first = [0, 0], last = [0, 0]] = [run[0], run.at(-1)];
  return `${line(run)}L${last[0]} ${HEIGHT}L${first[0]} ${HEIGHT}Z`;
}
