/** The whole page. Pure. What it says is there without a script; the script only keeps it true. */
import type { LogChoice, PageFacts } from './facts.ts';
import { Html, html } from './html.ts';
import { logLinesPart, pageParts } from './page-parts.ts';
import type { SoftwareImage } from './software.ts';

export interface PageAssets {
  readonly style: string;
  readonly script: string;
}

export function renderPage(facts: PageFacts, log: LogChoice, assets: PageAssets): string {
  const parts = pageParts(facts);
  const part = (id: string): Html => new Html(parts[id] ?? '');
  const { machine } = facts;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${machine.hostname} – Ishmael</title>
<link rel="stylesheet" href="${assets.style}"><link rel="icon" href="data:,"><script src="${assets.script}" defer></script></head>
<body data-log="${log.name}"><a class="skip" href="#main">To the content</a>
<header><div><h1>${machine.hostname}</h1><p class="sub">${machine.image}</p></div><p id="live" class="live">as of loading</p></header>
<nav aria-label="Sections"><a href="#services-title">Services</a> <a href="#usage-title">Usage</a> <a href="#logs">Logs</a> <a href="#events-title">Events</a> <a href="#boot-title">Boot</a> <a href="#software-title">Software</a></nav>
<main id="main" tabindex="-1">
<noscript><p>This page shows what was true when it was loaded. <a href="">Load it again</a> for news.</p></noscript>
${part('summary')}
<section aria-labelledby="services-title"><h2 id="services-title">Services</h2>${part('services')}</section>
<section aria-labelledby="usage-title"><h2 id="usage-title">Usage</h2>${part('charts')}${part('facts')}</section>
${logSection(facts, log)}
<section aria-labelledby="events-title"><h2 id="events-title">Events</h2>${part('events')}</section>
<section aria-labelledby="boot-title"><h2 id="boot-title">Boot</h2>${part('boot')}</section>
<section aria-labelledby="software-title"><h2 id="software-title">Software</h2>${softwarePart(facts.software)}</section>
</main>
<footer><p>This page only looks. Numbers for Prometheus are at <a href="/metrics">/metrics</a>.</p></footer></body></html>
`.text;
}

function logSection({ units }: PageFacts, { name, lines }: LogChoice): Html {
  const logs = [
    { id: 'all', name: 'everything' },
    ...units.filter(({ kind }) => kind !== 'system'),
    { id: 'kernel', name: 'the kernel' },
    { id: 'ishmael', name: 'PID 1' },
  ];
  return html`<section aria-labelledby="logs"><h2 id="logs">Logs</h2>
<form action="/#logs"><label for="log-name">Log of</label> <select id="log-name" name="log">${logs.map((each) => html`<option value="${each.id}"${each.id === name ? html` selected` : ''}>${each.name}</option>`)}</select> <button>Show</button></form>
<ol id="lines" class="lines" tabindex="0" aria-label="Lines, the newest last">${new Html(logLinesPart(lines, name))}</ol></section>`;
}

function softwarePart(images: readonly SoftwareImage[] | undefined): Html {
  if (images === undefined) return html`<p>The image was built without a bill of materials.</p>`;
  const count = new Set(
    images.flatMap(({ packages }) => packages.map((each) => `${each.name} ${each.version}`)),
  ).size;
  return html`<p>${counted(images.length, 'image')} with ${counted(count, 'different package')}. <a href="/sbom.spdx.json">All of it as SPDX</a></p>
${images.map(
  ({
    name,
    digest,
    packages,
  }) => html`<details><summary>${name} <small>${counted(packages.length, 'package')}</small></summary><p class="digest">${digest}</p>
<table><caption>Packages of ${name}</caption><thead><tr><th scope="col">Package</th><th scope="col">Version</th></tr></thead><tbody>${packages.map((each) => html`<tr><th scope="row">${each.name}</th><td>${each.version}</td></tr>`)}</tbody></table></details>`,
)}`;
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`;
}
