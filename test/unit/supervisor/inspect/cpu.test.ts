import { expect, it } from 'vitest';
import { parseLoadavg, parseProcStat } from '../../../../supervisor/inspect/cpu.ts';

const STAT = `cpu  10 20 30 400 5 6 7 8 9 0
cpu0 4 8 12 160 2 2 3 3 4 0
cpu2 6 12 18 240 3 4 4 5 5 0
intr 114930548 113199788 3 0 5
ctxt 1990473
btime 1062191376
processes 2915
procs_running 1
procs_blocked 2
softirq 183433 0 21755
`;

it('parseProcStat() has the times of each processor, in milliseconds', () => {
  const { total, cpus } = parseProcStat(STAT);
  expect(total).toEqual({
    userMs: 100,
    niceMs: 200,
    systemMs: 300,
    idleMs: 4000,
    ioWaitMs: 50,
    irqMs: 60,
    softIrqMs: 70,
    stealMs: 80,
  });
  // Processor 1 is switched off.
  expect(cpus.map(({ cpu, userMs }) => [cpu, userMs])).toEqual([
    [0, 40],
    [2, 60],
  ]);
});

it('parseProcStat() has the counters', () => {
  expect(parseProcStat(STAT)).toMatchObject({
    contextSwitches: 1_990_473,
    forks: 2915,
    running: 1,
    blocked: 2,
  });
});

it('parseLoadavg() takes the line apart', () => {
  const load = { one: 0.42, five: 0.17, fifteen: 0.06, runnable: 2, threads: 113 };
  expect(parseLoadavg('0.42 0.17 0.06 2/113 871\n')).toEqual(load);
});
