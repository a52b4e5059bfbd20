/**
 * Watches the machine for the page: the last hour, what happens, what is logged. All that it keeps is bounded, and
 * it asks more often only while somebody looks.
 */
import { ControlError, type ControlClient } from '../control/client.ts';
import type { HistoryEntry, LogLine, MachineLogLine } from '../control/api.ts';
import { followLogs } from '../syslog/follow-logs.ts';
import {
  cpuShare,
  type Facts,
  type LogChoice,
  logPath,
  memoryShare,
  type PageFacts,
  unitRows,
} from './facts.ts';
import { followEvents } from './follow-events.ts';
import { onceAtATime } from './once-at-a-time.ts';
import { readFacts, readSbom } from './read-facts.ts';
import { readSoftware, type SoftwareImage } from './software.ts';
import { SAMPLE_MS, UsageHistory } from './usage-history.ts';

const MAX_EVENTS = 100;
const MAX_LINES = 200;
/** Of a line, so that all of them have a limit together. */
const MAX_LINE_CHARS = 2000;
const FRESH_MS = 1000;
/** Shares of a processor are counted over at least so long. */
const RATE_MS = 2000;

export interface WatchListener {
  readonly onEvent: () => void;
  readonly onLine: (line: MachineLogLine) => void;
}

export class MachineWatch {
  /** When PID 1 last answered. */
  answeredMs: number = Number.NEGATIVE_INFINITY;
  private readonly client: ControlClient;
  /** It does not change while the machine runs. */
  private software: readonly SoftwareImage[] | undefined;
  private knowsSoftware = false;
  private readonly nowMs: () => number;
  private readonly history = new UsageHistory();
  private events: HistoryEntry[] = [];
  private lines: MachineLogLine[] = [];
  /** What rates are counted from, and what comes in its place when it is old enough. */
  private base: Facts | undefined;
  private next: Facts | undefined;
  private sampled: Facts | undefined;
  private readonly ask: (fresh?: boolean) => Promise<Facts>;

  constructor(client: ControlClient, nowMs: () => number) {
    this.client = client;
    this.nowMs = nowMs;
    this.ask = onceAtATime(() => this.read(), FRESH_MS, nowMs);
  }

  /** Until `signal` aborts. */
  start({ onEvent, onLine }: WatchListener, signal: AbortSignal): void {
    const addEvent = (entry: HistoryEntry): void => {
      this.events.push(entry);
      if (this.events.length > MAX_EVENTS) this.events.shift();
      onEvent();
    };
    const addLine = (line: MachineLogLine): void => {
      const short = { ...line, text: line.text.slice(0, MAX_LINE_CHARS) };
      this.lines.push(short);
      if (this.lines.length > MAX_LINES) this.lines.shift();
      onLine(short);
    };
    void followEvents(this.client, addEvent, () => (this.events = []), signal);
    void followLogs(this.client, { onLine: addLine, onLost: () => undefined }, signal);
    const sample = (): void => void this.sample();
    const timer = setInterval(sample, SAMPLE_MS);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    sample();
  }

  /** @param fresh not what somebody else was told a moment ago. Rejects with `ControlError`. */
  async page(fresh: boolean): Promise<PageFacts> {
    const [facts] = await Promise.all([this.ask(fresh), this.learnSoftware()]);
    return {
      ...facts,
      rows: unitRows(facts, this.base),
      events: this.events,
      series: this.history.series(),
      ...(this.software === undefined ? {} : { software: this.software }),
    };
  }

  /** An unknown name is `all`. Rejects with `ControlError`. */
  async log(facts: Pick<Facts, 'units'>, wanted: string): Promise<LogChoice> {
    const path = logPath(facts.units, wanted);
    if (path === undefined) return { name: 'all', lines: this.lines };
    const lines: LogLine[] = [];
    try {
      await this.client.stream<LogLine>(path, (line) => void lines.push(line));
    } catch (error) {
      // A machine without a kernel log, or one that ends: the rest of the page is as good.
      if (!(error instanceof ControlError)) throw error;
    }
    return { name: wanted, lines };
  }

  private async learnSoftware(): Promise<void> {
    if (this.knowsSoftware) return;
    const sbom = await readSbom(this.client);
    if (sbom !== undefined) this.software = readSoftware(sbom);
    this.knowsSoftware = true;
  }

  private async read(): Promise<Facts> {
    const facts = await readFacts(this.client);
    this.answeredMs = this.nowMs();
    const isOlder = (other: Facts | undefined): boolean =>
      other === undefined || facts.cpu.atMs - other.cpu.atMs >= RATE_MS;
    if (isOlder(this.next)) {
      this.base = this.next ?? facts;
      this.next = facts;
    }
    return facts;
  }

  private async sample(): Promise<void> {
    try {
      const facts = await this.ask();
      const before = this.sampled;
      this.sampled = facts;
      const share = before === undefined ? undefined : cpuShare(before.cpu.total, facts.cpu.total);
      // Since boot, the first time: better than a gap.
      const cpu = share ?? cpuShare(IDLE, facts.cpu.total) ?? 0;
      this.history.add(facts.cpu.atMs, cpu, memoryShare(facts.machine));
    } catch (error) {
      // A gap in the charts.
      if (!(error instanceof ControlError)) throw error;
    }
  }
}

const IDLE = {
  userMs: 0,
  niceMs: 0,
  systemMs: 0,
  idleMs: 0,
  ioWaitMs: 0,
  irqMs: 0,
  softIrqMs: 0,
  stealMs: 0,
} as const;
