/**
 * What keeps the page true while it is open: parts that the server has rendered take the place of the older ones.
 * It makes no HTML itself, so there is nothing to escape here.
 */
export const SCRIPT = `'use strict';
const lines = document.getElementById('lines');
const live = document.getElementById('live');
const MAX_LINES = 500;

function parse(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

function replacePart(id, html) {
  const old = document.getElementById(id);
  const fresh = parse(html).firstElementChild;
  if (!old || !fresh) return;
  if (id === 'summary') {
    // Changed and not replaced: a live region is read out when what is in it changes.
    if (old.textContent !== fresh.textContent) old.replaceChildren(...fresh.childNodes);
    old.className = fresh.className;
    return;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement.id : '';
  old.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

function addLines(html, isAll) {
  const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
  if (isAll) lines.replaceChildren();
  lines.append(parse(html));
  while (lines.childElementCount > MAX_LINES) lines.firstElementChild.remove();
  if (atEnd || isAll) lines.scrollTop = lines.scrollHeight;
}

lines.scrollTop = lines.scrollHeight;
const source = new EventSource('/live?log=' + encodeURIComponent(document.body.dataset.log));
source.onopen = () => { live.textContent = 'live'; };
source.onerror = () => {
  live.textContent = source.readyState === EventSource.CLOSED ? 'not live' : 'connecting…';
};
source.addEventListener('parts', (event) => {
  for (const [id, html] of Object.entries(JSON.parse(event.data))) replacePart(id, html);
});
source.addEventListener('log', (event) => addLines(JSON.parse(event.data), true));
source.addEventListener('lines', (event) => addLines(JSON.parse(event.data), false));
`;
