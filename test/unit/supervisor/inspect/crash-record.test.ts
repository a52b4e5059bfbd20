import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  crashSentence,
  describeCrash,
  type PstoreFile,
} from '../../../../supervisor/inspect/crash-record.ts';

const RECORDS = new URL('./pstore/', import.meta.url);

/** What Linux 6.12 left in QEMU's ERST after `echo c > /proc/sysrq-trigger`; only shortened. */
const REAL: readonly PstoreFile[] = readdirSync(RECORDS).map((name) => ({
  name,
  text: readFileSync(new URL(name, RECORDS), 'utf8'),
  mtimeMs: 0,
}));

function dump(header: string, ...lines: readonly string[]): PstoreFile {
  return { name: `dmesg-x-${header}`, text: `${header}\n${lines.join('\n')}\n`, mtimeMs: 0 };
}

describe('describeCrash()', () => {
  it('finds the reason of a panic in the records of a real one', () => {
    const crash = describeCrash(REAL);
    expect(crash).toMatchObject({ kind: 'panic', summary: 'sysrq triggered crash' });
    expect(crash === undefined ? '' : crashSentence(crash)).toBe(
      "the machine's last run ended in a kernel panic: sysrq triggered crash",
    );
  });

  it('puts the parts in the order of time, whatever order the files are in', () => {
    for (const files of [REAL, REAL.toReversed()]) {
      const lines = describeCrash(files)?.lines ?? [];
      const times = lines.map((line) => Number(/^\[ *(\d+\.\d+)\] /.exec(line)?.[1]));
      expect(times).toHaveLength(45);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  it('says of a panic after an oops what the oops was', () => {
    const bug = 'BUG: kernel NULL pointer dereference, address: 0000000000000008';
    const oops = [`<1>[    5.100000] ${bug}`, '<1>[    5.100001] Oops: Oops: 0000 [#1] SMP NOPTI'];
    const end = '<0>[    5.200000] Kernel panic - not syncing: Fatal exception';
    const files = [dump('Oops#1 Part1', ...oops), dump('Panic#2 Part1', ...oops, end)];
    expect(describeCrash(files)).toMatchObject({ kind: 'panic', summary: bug });
    expect(describeCrash([dump('Panic#2 Part1', end)])?.summary).toBe('Fatal exception');
    expect(describeCrash(files.slice(0, 1))).toMatchObject({ kind: 'oops', summary: bug });
  });

  it.each([
    ['<4>[    1.0][    T1] kernel BUG at mm/slub.c:5!', 'kernel BUG at mm/slub.c:5!'],
    ['<0>[   61.5] watchdog: BUG: soft lockup - CPU#0 stuck', 'BUG: soft lockup - CPU#0 stuck'],
    [
      '<1>[    1.0] Unable to handle kernel paging request at 12',
      'Unable to handle kernel paging request at 12',
    ],
    ['<4>[    1.0] something went', 'something went'],
  ])('takes of %j the reason', (line, summary) => {
    expect(describeCrash([dump('Oops#1 Part1', line)])?.summary).toBe(summary);
  });

  it('calls anything else by its name when it says nothing', () => {
    const crash = describeCrash([dump('Emergency#1 Part1')]);
    expect(crash).toEqual({ kind: 'other', summary: 'Emergency', lines: [] });
  });

  it('keeps two crashes apart of which neither was taken over in between', () => {
    const at = (mtimeMs: number, part: number, text: string): PstoreFile => ({
      ...dump(`Panic#1 Part${part}`, `<0>[    1.0] ${text}`),
      mtimeMs,
    });
    const older = [at(1_000_000, 1, 'Kernel panic - not syncing: first'), at(999_000, 2, 'a')];
    const newer = [at(2_000_000, 1, 'Kernel panic - not syncing: second')];
    expect(describeCrash([...older, ...newer])).toEqual({
      kind: 'panic',
      summary: 'second',
      time: '1970-01-01T00:33:20.000Z',
      lines: ['[    1.0] Kernel panic - not syncing: second'],
    });
    expect(describeCrash(older)?.lines).toHaveLength(2);
  });

  it('takes a log that is kept of every run for no crash', () => {
    const files = [
      { name: 'console-ramoops-0', text: '[    0.000000] Linux version 6.12\n', mtimeMs: 1 },
      { name: 'dmesg-erst-1.enc.z', text: 'x\x9c\0\0', mtimeMs: 2 },
      { name: 'pmsg-ramoops-0', text: '', mtimeMs: 3 },
    ];
    expect(describeCrash(files)).toBeUndefined();
    expect(describeCrash([])).toBeUndefined();
  });

  it('hands out the end of a log that is long', () => {
    const lines = Array.from({ length: 500 }, (_, index) => `<6>[    1.0] line ${index}`);
    const crash = describeCrash([dump('Panic#1 Part1', ...lines)]);
    expect(crash?.lines).toHaveLength(200);
    expect(crash?.lines.at(-1)).toBe('[    1.0] line 499');
  });
});
