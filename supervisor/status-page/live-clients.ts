/**
 * Pages that are open, told of changes by server-sent events. They are few, and one that does not read is
 * dropped: the page connects again by itself, and gets everything anew.
 */
import type { ServerResponse } from 'node:http';
import type { MachineLogLine } from '../control/api.ts';
import { isOfLog } from './facts.ts';
import { logLinesPart, type Parts } from './page-parts.ts';

export const MAX_LIVE = 16;
const MAX_UNSENT_BYTES = 262_144;
/** Lines of a flood that one message carries; those between are left out, and the page says so. */
const MAX_LINES = 100;

interface LiveClient {
  readonly response: ServerResponse;
  readonly log: string;
  lines: MachineLogLine[];
  lost: number;
  sent: Parts;
  /** Had something unread when last looked at. */
  isBehind: boolean;
}

export class LiveClients {
  private readonly all = new Set<LiveClient>();

  get count(): number {
    return this.all.size;
  }

  get isFull(): boolean {
    return this.all.size >= MAX_LIVE;
  }

  add(response: ServerResponse, log: string, lines: readonly MachineLogLine[], parts: Parts): void {
    const client: LiveClient = { response, log, lines: [], lost: 0, sent: parts, isBehind: false };
    this.all.add(client);
    response.on('close', () => this.all.delete(client));
    this.send(client, 'parts', parts);
    this.send(client, 'log', logLinesPart(lines, log));
  }

  /** To each what it does not have yet. */
  show(parts: Parts): void {
    for (const client of this.all) {
      const changed = Object.entries(parts).filter(([id, part]) => client.sent[id] !== part);
      client.sent = parts;
      if (changed.length > 0) this.send(client, 'parts', Object.fromEntries(changed));
    }
  }

  /** Kept until `flush`: a busy log is not a message for each line. */
  push(line: MachineLogLine): void {
    for (const client of this.all) {
      if (!isOfLog(line, client.log)) continue;
      client.lines.push(line);
      if (client.lines.length <= MAX_LINES) continue;
      client.lines.shift();
      client.lost += 1;
    }
  }

  flush(): void {
    for (const client of this.all) {
      const { lines, lost, log } = client;
      const [first] = lines;
      if (first === undefined) continue;
      const text = `… ${lost} lines are left out here`;
      const gap = lost === 0 ? [] : [{ ...first, stream: 'ishmael' as const, text }];
      client.lines = [];
      client.lost = 0;
      this.send(client, 'lines', logLinesPart([...gap, ...lines], log));
    }
  }

  /** Says nothing, so that who is gone is noticed; drops who has read nothing since the time before. */
  beat(): void {
    for (const client of this.all) {
      const isBehind = client.response.writableLength > 0;
      if (isBehind && client.isBehind) client.response.destroy();
      else client.response.write(':\n\n');
      client.isBehind = isBehind;
    }
  }

  close(): void {
    for (const { response } of this.all) response.destroy();
  }

  private send(client: LiveClient, event: string, data: unknown): void {
    // JSON has no line break, so it is one line of the stream.
    client.response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    if (client.response.writableLength > MAX_UNSENT_BYTES) client.response.destroy();
  }
}
