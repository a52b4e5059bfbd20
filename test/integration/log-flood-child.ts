// PID 1's log path alone, for a test to measure: node log-flood-child.ts DIRECTORY SECONDS [keep]
// With `keep` no line is above the rate, so that every one goes into the files and the ring.
// One unit writes lines of 100 bytes as fast as it can, a neighbour one line every 50 ms.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { closeOutputs } from '../../supervisor/log/outputs.ts';
import { UnitLog } from '../../supervisor/log/unit-log.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';

const [directory = '', seconds = '3', keep] = process.argv.slice(2);
const sys = createLinuxSys();
const RATE = {
  lines: keep === 'keep' ? Number.MAX_SAFE_INTEGER : 10_000,
  intervalMs: 3000,
};

function open(id: string): UnitLog {
  const nowMs = (): number => performance.now();
  const [fifoDir, fileDir] = [`${directory}/${id}`, `${directory}/log/${id}`];
  return UnitLog.open({ sys, fifoDir, fileDir, nowMs, rate: RATE });
}

async function start(log: UnitLog, script: string): Promise<ReturnType<typeof spawn>> {
  const fds = await log.openOutputs();
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', fds.stdout, fds.stderr] });
  closeOutputs(fds);
  return child;
}

function rssKiB(): number {
  return Number(/VmRSS:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}

const [noisy, neighbour] = [open('noisy'), open('neighbour')];
let droppedLines = 0;
let keptLines = 0;
noisy.ring.follow(({ stream, text }) => {
  if (stream === 'stdout') keptLines += 1;
  else droppedLines += Number(/^(\d+) lines dropped/.exec(text)?.[1] ?? 0);
});
let heard = 0;
neighbour.ring.follow(() => (heard += 1));

const quiet = await start(neighbour, 'while :; do echo here; sleep 0.05; done');
await delay(1000);
const [heardBefore, rssBefore] = [heard, rssKiB()];
const flood = await start(noisy, `exec yes ${'x'.repeat(99)}`);
const delays = monitorEventLoopDelay({ resolution: 1 });
delays.enable();
const cpuBefore = process.cpuUsage();
const peak = { rss: rssBefore };
const watch = setInterval(() => (peak.rss = Math.max(peak.rss, rssKiB())), 100);
await delay(Number(seconds) * 1000);
delays.disable();
const cpu = process.cpuUsage(cpuBefore);
clearInterval(watch);
const [heardDuring, keptDuring] = [heard - heardBefore, keptLines];
flood.kill('SIGKILL');
quiet.kill('SIGKILL');
await Promise.all([once(flood, 'exit'), once(quiet, 'exit')]);
// The last window has to end before it is reported.
await delay(RATE.intervalMs + 200);
noisy.close();
neighbour.close();
process.stdout.write(
  JSON.stringify({
    megabytesPerSecond: ((keptDuring + droppedLines) * 100) / 1e6 / Number(seconds),
    keptShare: keptDuring / (keptDuring + droppedLines),
    cpuShare: (cpu.user + cpu.system) / 1e6 / Number(seconds),
    lateMs: { p99: delays.percentile(99) / 1e6, max: delays.max / 1e6 },
    grownKiB: peak.rss - rssBefore,
    neighbourLinesPerSecond: heardDuring / Number(seconds),
  }),
);
