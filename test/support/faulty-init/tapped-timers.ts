/** Imported before PID 1's own code: remembers its timers, so that a fault can take them away. */

const timers = new Set<WeakRef<NodeJS.Timeout>>();
const { setInterval: realInterval, setTimeout: realTimeout } = globalThis;

function remember(timer: NodeJS.Timeout): NodeJS.Timeout {
  timers.add(new WeakRef(timer));
  return timer;
}

globalThis.setInterval = ((...args: Parameters<typeof realInterval>) =>
  remember(realInterval(...args))) as typeof setInterval;
globalThis.setTimeout = Object.assign(
  (...args: Parameters<typeof realTimeout>) => remember(realTimeout(...args)),
  realTimeout,
) as typeof setTimeout;

/** After this no timer keeps the event loop alive. */
export function unrefTimers(): void {
  for (const timer of timers) timer.deref()?.unref();
}
