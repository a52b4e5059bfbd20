/**
 * The parts of the page that change while it is open. Pure. Each has an id, by which the page's script finds
 * what to put it in the place of.
 */
import type { HistoryEntry, MachineLogLine, UnitStatus } from '../control/api.ts';
import { durationText, instantText } from '../view/time-text.ts';
import { bootPicture } from './boot-picture.ts';
import { chart, percent } from './chart.ts';
import { type PageFacts, standing, type Standing, summary, type UnitRow } from './facts.ts';
import { type Html, html } from './html.ts';

/** So much of a line is shown; the rest is at the console. */
const MAX_LINE_CHARS = 2000;
const SHOWN_EVENTS = 50;

/** By id, the HTML of each. */
export type Parts = Readonly<Record<string, string>>;

export function pageParts(facts: PageFacts): Parts {
  const parts = {
    summary: summaryPart(facts),
    facts: factsPart(facts),
    services: servicesPart(facts),
    charts: chartsPart(facts),
    events: eventsPart(facts.events),
    boot: html`<div id="boot">${bootPicture(facts.boot)}</div>`,
  };
  return Object.fromEntries(Object.entries(parts).map(([id, part]) => [id, part.text]));
}

const SIGNS: Readonly<Record<Standing, string>> = { good: '●', busy: '◐', bad: '▲', quiet: '○' };

function summaryPart(facts: PageFacts): Html {
  const isBad = facts.units.some((unit) => unit.kind !== 'system' && standing(unit) === 'bad');
  const tone = isBad || facts.machine.phase === 'emergency' ? 'bad' : 'good';
  return html`<p id="summary" class="summary ${tone}" role="status"><span aria-hidden="true">${SIGNS[tone]}</span> ${summary(facts)}</p>`;
}

function factsPart({ machine, image, cpu, boot }: PageFacts): Html {
  const settled = boot.milestones['settled'];
  const rows: readonly (readonly [string, string])[] = [
    ['Up for', durationText(machine.uptimeMs)],
    ['Phase', machine.phase],
    ['Booted in', settled === undefined ? 'not settled yet' : `${(settled / 1000).toFixed(1)} s`],
    ['Processors', String(cpu.cpus.length)],
    ['Load', `${machine.load.one} ${machine.load.five} ${machine.load.fifteen}`],
    ['Processes', String(machine.processes.total)],
    [
      'PID 1',
      machine.generation === 0 ? 'never failed' : `executed again ${machine.generation} times`,
    ],
    ['Kernel', machine.kernel],
    [
      'Image',
      image.digest === undefined ? image.name : `${image.name} ${image.digest.slice(0, 19)}…`,
    ],
  ];
  return html`<dl id="facts" class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function servicesPart({ rows }: PageFacts): Html {
  const order = ['service', 'onboot', 'onshutdown', 'system'];
  const sorted = rows.toSorted((a, b) => order.indexOf(a.unit.kind) - order.indexOf(b.unit.kind));
  return html`<table id="services"><caption>What runs on this machine</caption>
<thead><tr><th scope="col">Name</th><th scope="col">State</th><th scope="col" class="number">CPU</th><th scope="col" class="number">Memory</th></tr></thead>
<tbody>${sorted.map(serviceRow)}</tbody></table>`;
}

const KINDS: Readonly<Record<UnitStatus['kind'], string>> = {
  service: 'service',
  onboot: 'task at boot',
  onshutdown: 'task at the end',
  system: 'part of Ishmael',
};

function serviceRow({ unit, cpuShare, memoryBytes }: UnitRow): Html {
  const how = standing(unit);
  const health = unit.health === undefined || unit.health === 'none' ? '' : `, ${unit.health}`;
  const restarts = unit.restarts === 0 ? '' : `, restarted ${unit.restarts}×`;
  return html`<tr data-unit="${unit.id}" data-state="${unit.state}"><th scope="row"><a id="log-of-${unit.id}" href="/?log=${encodeURIComponent(unit.id)}#logs">${unit.name}</a><small>${KINDS[unit.kind]}${unit.image === '' ? '' : `, ${unit.image}`}</small></th>
<td><span class="state ${how}"><span aria-hidden="true">${SIGNS[how]}</span> ${unit.state}${health}</span><small>${oneLine(unit.reason)}${restarts}</small></td>
<td class="number">${cpuShare === undefined ? '–' : percent(cpuShare)}</td><td class="number">${memoryBytes === undefined ? '–' : megabytes(memoryBytes)}</td></tr>`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, MAX_LINE_CHARS);
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MB`;
}

function chartsPart({ series, cpu, machine }: PageFacts): Html {
  const { totalKiB, availableKiB } = machine.memory;
  const used = megabytes((totalKiB - availableKiB) * 1024);
  const count = cpu.cpus.length;
  return html`<div id="charts" class="charts">${chart({
    id: 'cpu',
    title: 'CPU',
    values: series.cpu,
    of: count === 1 ? 'of 1 processor' : `of ${count} processors`,
  })}${chart({
    id: 'memory',
    title: 'Memory',
    values: series.memory,
    of: `${used} of ${megabytes(totalKiB * 1024)}`,
  })}</div>`;
}

function eventsPart(events: readonly HistoryEntry[]): Html {
  const newest = events.slice(-SHOWN_EVENTS).toReversed();
  if (newest.length === 0) return html`<p id="events">Nothing has happened yet.</p>`;
  return html`<ol id="events" class="events">${newest.map((entry) => html`<li class="${entry.severity}"><span class="time">${instantText(entry.atMs)}</span> <b>${entry.unit}</b> ${entry.severity === 'info' ? '' : `${entry.severity}: `}${oneLine(entry.text)}</li>`)}</ol>`;
}

/** @param name of the log: in one that has the lines of everybody each says whose it is */
export function logLinesPart(lines: readonly MachineLogLine[], name: string): string {
  return html`${lines.map((line) => html`<li${line.stream === 'stderr' ? html` class="stderr"` : ''}><span class="time">${instantText(line.atMs)}</span>${name === 'all' ? html` <b>${line.unit ?? line.stream}</b>` : ''} ${line.text.slice(0, MAX_LINE_CHARS)}</li>`)}`
    .text;
}
