/** /proc/stat and /proc/loadavg (proc(5)) taken apart. Pure. */
import type { CpuInfo, CpuTimes, LoadInfo } from '../control/api-machine.ts';

/** USER_HZ is 100 on x86-64 and arm64, whatever the kernel's own HZ is. */
const MS_PER_TICK = 10;

export function parseProcStat(text: string): Omit<CpuInfo, 'atMs' | 'load'> {
  const fields = new Map<string, number[]>();
  for (const line of text.split('\n')) {
    const [name = '', ...values] = line.split(/ +/);
    // `intr` counts each interrupt line, thousands of them, and nobody asks.
    if (name !== 'intr' && name !== 'softirq') fields.set(name, values.map(Number));
  }
  const count = (name: string): number => fields.get(name)?.[0] ?? 0;
  return {
    total: cpuTimes(fields.get('cpu') ?? []),
    cpus: [...fields].flatMap(([name, values]) => {
      const cpu = /^cpu(\d+)$/.exec(name)?.[1];
      return cpu === undefined ? [] : [{ cpu: Number(cpu), ...cpuTimes(values) }];
    }),
    contextSwitches: count('ctxt'),
    forks: count('processes'),
    running: count('procs_running'),
    blocked: count('procs_blocked'),
  };
}

/** `0.42 0.17 0.06 2/113 871`: the last is the newest pid. */
export function parseLoadavg(text: string): LoadInfo {
  const [one, five, fifteen, threads = ''] = text.split(' ');
  const [runnable, all] = threads.split('/');
  return {
    one: Number(one),
    five: Number(five),
    fifteen: Number(fifteen),
    runnable: Number(runnable),
    threads: Number(all),
  };
}

function cpuTimes(ticks: readonly number[]): CpuTimes {
  // user nice system idle iowait irq softirq steal; guest times after it are in user and nice already.
  const at = (index: number): number => (ticks[index] ?? 0) * MS_PER_TICK;
  return {
    userMs: at(0),
    niceMs: at(1),
    systemMs: at(2),
    idleMs: at(3),
    ioWaitMs: at(4),
    irqMs: at(5),
    softIrqMs: at(6),
    stealMs: at(7),
  };
}
