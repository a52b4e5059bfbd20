/**
 * A console process on a real pty (made by util-linux `script`) and a machine for it to look at: a
 * control server with the shapes of api.ts, whose state and events the test decides.
 */
import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { ConsolePolicy } from '../../supervisor/console/policy.ts';
import { QUERY, type TerminalSize } from '../../supervisor/console/terminal-size.ts';
import type {
  BootReport,
  HistoryEntry,
  LogLine,
  MachineInfo,
  UnitStatus,
} from '../../supervisor/control/api.ts';
import { answerExec } from '../support/fake-exec.ts';
import { listenAsControl } from './bridge-support.ts';

export interface FakeMachine {
  machine: MachineInfo;
  boot: BootReport;
  units: UnitStatus[];
  logs: LogLine[];
  /** What other paths answer; GET of a path that is not here is not-found. */
  readonly answers: Map<string, unknown>;
  /** `METHOD path` of every request, in order. */
  readonly requests: string[];
  happen(unit: string, text: string, severity?: HistoryEntry['severity']): void;
  logAppend(text: string): void;
  /** As if the kernel had printed an error. */
  kernelSpeaks(): void;
  /** Bytes of events that their readers have not taken. */
  unsentEvents(): number;
  /** The same of logs. */
  unsentLogs(): number;
  /** Who follows logs now. */
  logFollowers(): number;
  listen(): Promise<void>;
  /** Stops listening and cuts every connection, as a re-execution of PID 1 does. */
  vanish(): void;
}

export const QUIET_MACHINE: MachineInfo = {
  image: 'example',
  hostname: 'box',
  kernel: '6.12.9',
  architecture: 'amd64',
  uptimeMs: 65_000,
  generation: 0,
  phase: 'services',
  load: { one: 0.5, five: 0.25, fifteen: 0, runnable: 1, threads: 90 },
  memory: { totalKiB: 1_000_000, availableKiB: 800_000 },
  init: { rssAnonKiB: 9_000, rssFileKiB: 50_000, threads: 3, netNamespace: 'net:[1]' },
  processes: { total: 20, zombies: 0, orphansReaped: 0 },
};

export function unit(name: string, more: Partial<UnitStatus> = {}): UnitStatus {
  return {
    id: name,
    name,
    kind: 'service',
    image: `ishmael/${name}`,
    state: 'running',
    reason: 'runs since it was started',
    sinceMs: 5_000,
    pid: 87,
    restarts: 0,
    ...more,
  };
}

export function fakeMachine(socketPath: string): FakeMachine {
  const events: HistoryEntry[] = [];
  const followers = {
    events: new Set<ServerResponse>(),
    logs: new Set<ServerResponse>(),
    /** What a console follows all the time, to repair what the kernel has written over. */
    kernel: new Set<ServerResponse>(),
  };
  let server: Server | undefined;

  function ndjson(
    response: ServerResponse,
    items: readonly unknown[],
    follow: Set<ServerResponse> | undefined,
  ): void {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const item of items) response.write(`${JSON.stringify(item)}\n`);
    if (follow === undefined) {
      response.end();
      return;
    }
    response.flushHeaders();
    follow.add(response);
    response.once('close', () => follow.delete(response));
  }

  function tell(follow: Set<ServerResponse>, item: unknown): void {
    for (const response of follow) response.write(`${JSON.stringify(item)}\n`);
  }

  const fake: FakeMachine = {
    machine: QUIET_MACHINE,
    boot: { phases: [], milestones: { exec: 2_000, script: 2_500 } },
    units: [],
    logs: [],
    answers: new Map(),
    requests: [],
    happen(name, text, severity = 'info') {
      const seq = events.length + 1;
      const entry: HistoryEntry = { seq, atMs: 1_000 * seq, unit: name, severity, text };
      events.push(entry);
      tell(followers.events, entry);
    },
    logAppend(text) {
      const seq = fake.logs.length + 1;
      const line: LogLine = { seq, atMs: 1_000 * seq, stream: 'stdout', text };
      fake.logs.push(line);
      tell(followers.logs, line);
    },
    kernelSpeaks() {
      const line: LogLine = { seq: 1, atMs: 1, stream: 'kernel', text: 'x', priority: 3 };
      tell(followers.kernel, line);
    },
    unsentEvents: () =>
      [...followers.events].reduce((sum, response) => sum + response.writableLength, 0),
    unsentLogs: () =>
      [...followers.logs].reduce((sum, response) => sum + response.writableLength, 0),
    logFollowers: () => followers.logs.size,
    async listen() {
      server = await listenAsControl(socketPath, (request, response) => {
        const url = new URL(request.url ?? '/', 'http://ishmael');
        fake.requests.push(`${request.method} ${url.pathname}${url.search}`);
        const follow = url.searchParams.get('follow') === '1';
        const since = Number(url.searchParams.get('since') ?? 0);
        const tail = Number(url.searchParams.get('tail') ?? 1000);
        if (url.pathname === '/v1/machine') response.end(JSON.stringify(fake.machine));
        else if (url.pathname === '/v1/boot') response.end(JSON.stringify(fake.boot));
        else if (url.pathname === '/v1/services') response.end(JSON.stringify(fake.units));
        else if (follow && tail === 0) ndjson(response, [], followers.kernel);
        else if (/\/logs$|^\/v1\/logs\//.test(url.pathname)) {
          ndjson(response, fake.logs.slice(-tail), follow ? followers.logs : undefined);
        } else if (url.pathname === '/v1/events') {
          const newer = events.filter((entry) => entry.seq > since);
          ndjson(response, newer, follow ? followers.events : undefined);
        } else if (request.method === 'POST') response.writeHead(202).end('{}');
        else if (fake.answers.has(url.pathname)) {
          response.end(JSON.stringify(fake.answers.get(url.pathname)));
        } else {
          response.writeHead(404).end(JSON.stringify({ code: 'not-found', message: 'no such' }));
        }
      });
      server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
        fake.requests.push(`${request.method} ${request.url}`);
        void answerExec(socket);
      });
    },
    vanish() {
      for (const response of Object.values(followers).flatMap((set) => [...set])) {
        response.destroy();
      }
      server?.close();
    },
  };
  return fake;
}

export interface FakeTerminal {
  type(text: string): void;
  /** Answers questions for its size from now on; before, it does not know what they are. */
  resize(size: TerminalSize): void;
  /** Everything shown so far, CRs and questions for the size left out. */
  shown(): string;
  /** Resolves when `pattern` is shown after what the last call has matched. */
  see(pattern: RegExp): Promise<void>;
  /** SIGTERM, as PID 1 sends it. Resolves with the exit code. */
  terminate(): Promise<number | null>;
  /** Closes the terminal's other end. */
  hangUp(): Promise<void>;
  /** Nobody reads the terminal until `resume`, as when a person presses Ctrl-S. */
  stop(): void;
  resume(): void;
  /** Whether the console process is there. */
  isAlive(): boolean;
}

const CHILD = join(import.meta.dirname, 'console-child.ts');

export function openFakeTerminal(
  socketPath: string,
  policy: Partial<ConsolePolicy> = {},
): FakeTerminal {
  // The shell prints its pid and becomes the console, so that the test can signal exactly that process.
  const child = `exec "${process.execPath}" "${CHILD}" "$(tty)" "${socketPath}"`;
  const terms = JSON.stringify({
    mode: 'control',
    quiet: false,
    ...policy,
  } satisfies ConsolePolicy);
  const command = `echo "pid=$$"; ${child} '${terms}'`;
  const script = spawn('script', ['-qefc', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, SHELL: '/bin/sh' },
  });
  const exited = new Promise<number | null>((resolve) => {
    script.once('exit', (code) => resolve(code));
  });
  let text = '';
  let seen = 0;
  let size: TerminalSize | undefined;
  let check = (): void => {};
  const pid = (): number => Number(/pid=(\d+)/.exec(text)?.[1]);
  script.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8').replaceAll('\r\n', '\n');
    while (text.includes(QUERY)) {
      text = text.replace(QUERY, '');
      if (size !== undefined) script.stdin.write(`\x1b[${size.rows};${size.columns}R`);
    }
    // What wipes away a question that nobody has understood.
    text = text.replaceAll(/\r {18}\r/g, '');
    check();
  });
  return {
    type: (typed) => script.stdin.write(typed),
    resize(next) {
      size = next;
    },
    shown: () => text,
    see: (pattern) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`Not shown: ${String(pattern)}. Shown: ${JSON.stringify(text)}`));
        }, 20_000);
        check = () => {
          const match = pattern.exec(text.slice(seen));
          if (match === null) return;
          seen += match.index + match[0].length;
          clearTimeout(timer);
          resolve();
        };
        check();
      }),
    terminate() {
      if (pid() > 1) process.kill(pid(), 'SIGTERM');
      return exited;
    },
    async hangUp() {
      script.kill('SIGKILL');
      await exited;
    },
    stop: () => script.kill('SIGSTOP'),
    resume: () => script.kill('SIGCONT'),
    isAlive() {
      try {
        return process.kill(pid(), 0);
      } catch {
        // ESRCH: gone and collected.
        return false;
      }
    },
  };
}
