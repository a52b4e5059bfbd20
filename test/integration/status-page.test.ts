/** The status page in a real browser, over a real control server. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { connect } from 'node:net';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_LIVE } from '../../supervisor/status-page/live-clients.ts';
import { startChromium } from '../support/chromium.ts';
import { startStatusMachine, type StatusMachine } from '../support/status-machine.ts';

const EVIL = '</li><script>document.title="broken"</script><img src=x onerror=alert(1)>';
const SBOM = JSON.stringify({
  packages: [
    {
      SPDXID: 'i',
      name: 'example/web',
      versionInfo: 'sha256:1',
      primaryPackagePurpose: 'CONTAINER',
    },
    { SPDXID: 'p', name: 'libc6', versionInfo: '2.41' },
  ],
  relationships: [{ spdxElementId: 'i', relationshipType: 'CONTAINS', relatedSpdxElement: 'p' }],
});

let browser: Browser;
let machine: StatusMachine;
let page: Page;

beforeAll(async () => {
  browser = await startChromium();
  return () => browser.close();
});

beforeEach(async () => {
  machine = await startStatusMachine(['web', 'database'], SBOM);
  page = await browser.newPage();
});

afterEach(async () => {
  await page.close();
  machine.close();
});

/** Loaded, and told of what comes. */
async function open(path = '/'): Promise<void> {
  await page.goto(machine.url + path);
  await page.getByText('live', { exact: true }).waitFor();
}

async function violations(): Promise<string[]> {
  // With the rights of a developer's tools: the page itself lets no other script run.
  const source = await readFile(createRequire(import.meta.url).resolve('axe-core'), 'utf8');
  await page.evaluate(source);
  const results = await page.evaluate<AxeResults>('axe.run()');
  expect(results.passes.map(({ id }) => id)).toContain('color-contrast');
  return results.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`,
  );
}

describe('the page', () => {
  it('shows a service that fails within two seconds', async () => {
    await open();
    expect(await page.locator('#summary').textContent()).toContain('All is well: 2 services run');
    const beganMs = performance.now();
    machine.fail('database');
    await page.locator('tr[data-unit=database][data-state=failed]').waitFor({ timeout: 2000 });
    expect(performance.now() - beganMs).toBeLessThan(2000);
    expect(await page.locator('#summary').textContent()).toContain('Needs attention: database');
    expect(await page.locator('tr[data-unit=web]').getAttribute('data-state')).toBe('running');
    await page
      .locator('#events li.warning', { hasText: 'database warning: exit code 3' })
      .waitFor();
  });

  it('follows the logs, and a line is text whatever it says', async () => {
    machine.log('web', 'from before');
    await open();
    machine.log('database', EVIL);
    const line = page.locator('#lines li', { hasText: 'broken' });
    await line.waitFor({ timeout: 2000 });
    expect(await line.textContent()).toContain(EVIL);
    expect(await page.locator('#lines li', { hasText: 'from before' }).count()).toBe(1);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toMatch(/Ishmael$/);
  });

  it('shows the log of one service, and no line of another', async () => {
    machine.log('web', 'from before');
    await open('/?log=web');
    machine.log('database', 'of another');
    machine.log('web', 'and after');
    await page.locator('#lines li', { hasText: 'and after' }).waitFor({ timeout: 2000 });
    expect(await page.locator('#lines li').count()).toBe(2);
    expect(await page.locator('#log-name').inputValue()).toBe('web');
  });

  it('has the facts without JavaScript', async () => {
    machine.log('web', 'a line');
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(machine.url);
    const text = (await plain.textContent('body')) ?? '';
    for (const fact of ['All is well', 'web', 'a line', 'libc6', 'mounts', 'Load it again'])
      expect(text).toContain(fact);
    await plain.selectOption('#log-name', 'database');
    await plain.click('text=Show');
    expect(plain.url()).toContain('log=database');
    expect(await plain.locator('#lines li').count()).toBe(0);
    await context.close();
  });

  it.each(['light', 'dark'] as const)('passes axe, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    machine.log('web', 'a line');
    await open();
    machine.fail('database');
    await page.locator('tr[data-state=failed]').waitFor();
    await page.evaluate(
      'document.querySelectorAll("details").forEach((each) => { each.open = true; })',
    );
    expect(await violations()).toEqual([]);
  });

  it('can be used with the keyboard alone, also while it changes', async () => {
    await open();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('To the content');
    await page.keyboard.press('Enter');
    expect(page.url()).toMatch(/#main$/);
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('log-of-web');
    machine.fail('database');
    await page.locator('tr[data-state=failed]').waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('log-of-web');
    await page.keyboard.press('Enter');
    await page.waitForURL(/log=web#logs$/);
  });

  it.each([375, 1280])('fits into %i px', async (width) => {
    await page.setViewportSize({ width, height: 700 });
    machine.log('web', 'x'.repeat(500));
    await open();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    if (process.env['STATUS_PICTURES'] !== undefined)
      await page.screenshot({
        path: `${process.env['STATUS_PICTURES']}/${width}.png`,
        fullPage: true,
      });
  });

  it('says when it is no longer live', async () => {
    await open();
    machine.close();
    await page.getByText('connecting…').waitFor();
  });
});

describe('the server', () => {
  it('lets the page run no script but its own, and sets no cookie', async () => {
    const answer = await fetch(machine.url);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(answer.headers.has('set-cookie')).toBe(false);
    await answer.text();
  });

  it('takes nothing from anybody', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await fetch(machine.url, { method });
      expect([method, answer.status]).toEqual([method, 405]);
    }
    expect((await fetch(`${machine.url}/v1/services`)).status).toBe(404);
  });

  it('has metrics that promtool has nothing to say about', async () => {
    const answer = await fetch(`${machine.url}/metrics`);
    expect(answer.headers.get('content-type')).toContain('version=0.0.4');
    const text = await answer.text();
    expect(text).toContain(
      'ishmael_unit_state{unit="web",name="web",kind="service",state="running"} 1',
    );
    expect(text).toMatch(/^node_cpu_seconds_total\{cpu="0",mode="idle"\} \d/m);
    expect(await promtool(text)).toEqual({ code: 0, said: '' });
    expect(await promtool('# TYPE a counter\na 1\n')).toMatchObject({ code: 3 });
  });

  it('is well as long as PID 1 answers', async () => {
    const well = await fetch(`${machine.url}/healthz`);
    expect([well.status, await well.text()]).toEqual([200, 'ok\n']);
    machine.loseControl();
    await expect.poll(async () => (await fetch(machine.url)).status, { timeout: 5000 }).toBe(503);
  });

  it('gives the bill of materials as it is', async () => {
    expect(await (await fetch(`${machine.url}/sbom.spdx.json`)).json()).toEqual(JSON.parse(SBOM));
  });

  it('shows so many pages live and no more, and each that is closed makes room', async () => {
    const stop = new AbortController();
    const live = (): Promise<Response> => fetch(`${machine.url}/live`, { signal: stop.signal });
    const answers = await Promise.all(Array.from({ length: MAX_LIVE }, live));
    expect(answers.map(({ status }) => status)).toEqual(Array(MAX_LIVE).fill(200));
    expect((await fetch(`${machine.url}/live`)).status).toBe(503);
    stop.abort();
    await expect.poll(async () => (await fetch(`${machine.url}/live`)).status).toBe(200);
  });

  it('drops a page that does not read', async () => {
    const socket = connect(Number(new URL(machine.url).port), '127.0.0.1');
    socket.pause();
    const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    socket.write('GET /live HTTP/1.1\r\nhost: status\r\n\r\n');
    const flood = setInterval(() => {
      for (let line = 0; line < 100; line += 1) machine.log('web', '<'.repeat(1900));
    }, 50);
    // It reads only now, what the kernel still has of it, and then meets the end.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    clearInterval(flood);
    socket.resume();
    await gone;
  });
});

function promtool(text: string): Promise<{ readonly code: number; readonly said: string }> {
  return new Promise((resolve) => {
    const child = execFile('promtool', ['check', 'metrics'], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
    child.stdin?.end(text);
  });
}
