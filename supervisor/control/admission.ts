/**
 * Who may ask next. Each connection that is let in can cost PID 1 a piece of each turn of its event loop, so
 * few are at once; the others wait in line, unread, which costs next to nothing. Whoever is inside has a
 * limited time for everything: to ask, to read the answer, to ask again. A follower costs only when
 * something happens (followers.ts) and makes room for the next.
 */
import type { Socket } from 'node:net';

export interface AdmissionLimits {
  readonly maxInside: number;
  /** From being let in, and from each answer, to the end of the next answer. */
  readonly timeLimitMs: number;
  /** Until its first question, when others wait. */
  readonly askLimitMs: number;
  /** How long a connection may stay without a question when nobody waits. */
  readonly idleLimitMs: number;
}

interface Visit {
  timer: NodeJS.Timeout;
  readonly state: 'new' | 'asking' | 'idle';
  readonly sinceMs: number;
}

export class Admission {
  private readonly limits: AdmissionLimits;
  private readonly admit: (socket: Socket) => void;
  private readonly inside = new Map<Socket, Visit>();
  private readonly waiting = new Set<Socket>();

  constructor(limits: AdmissionLimits, admit: (socket: Socket) => void) {
    this.limits = limits;
    this.admit = admit;
  }

  /** A connection has been made; `socket` is paused, so that its request stays with the kernel. */
  arrive(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.leave(socket));
    this.waiting.add(socket);
    this.fill();
    if (this.crowded) this.makeRoom();
  }

  /** Somebody waits: whoever is inside should not stay for another question. */
  get crowded(): boolean {
    return this.waiting.size > 0;
  }

  /** Whether this question may be answered. One that comes before the last was answered may not. */
  ask(socket: Socket): boolean {
    const visit = this.inside.get(socket);
    if (visit === undefined || visit.state === 'asking') return false;
    this.enterState(socket, 'asking');
    return true;
  }

  /** The whole answer has been handed to the kernel. */
  answered(socket: Socket): void {
    if (!this.inside.has(socket)) return;
    this.enterState(socket, 'idle');
    if (this.crowded) this.makeRoom();
  }

  /** The connection stays for what is to come, and is no longer counted or timed here. */
  follow(socket: Socket): void {
    clearTimeout(this.inside.get(socket)?.timer);
    this.inside.delete(socket);
    this.fill();
  }

  private leave(socket: Socket): void {
    this.waiting.delete(socket);
    this.follow(socket);
  }

  private fill(): void {
    for (const socket of this.waiting) {
      if (this.inside.size >= this.limits.maxInside) return;
      this.waiting.delete(socket);
      this.enterState(socket, 'new');
      this.admit(socket);
    }
  }

  private enterState(socket: Socket, state: Visit['state']): void {
    clearTimeout(this.inside.get(socket)?.timer);
    const { timeLimitMs, askLimitMs, idleLimitMs } = this.limits;
    const sinceMs = performance.now();
    const end = (): void => void socket.destroy();
    const hurry = (): void => {
      if (this.crowded) end();
      else visit.timer = setTimeout(end, timeLimitMs - askLimitMs);
    };
    const timer =
      state === 'new'
        ? setTimeout(hurry, askLimitMs)
        : setTimeout(end, state === 'idle' ? idleLimitMs : timeLimitMs);
    const visit: Visit = { timer, state, sinceMs };
    this.inside.set(socket, visit);
  }

  /** Those that only might ask make room for one that certainly will. */
  private makeRoom(): void {
    const overdueMs = performance.now() - this.limits.askLimitMs;
    for (const [socket, { state, sinceMs }] of this.inside) {
      if (state === 'idle') socket.destroySoon();
      else if (state === 'new' && sinceMs < overdueMs) socket.destroy();
    }
  }
}
