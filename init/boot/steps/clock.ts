import { readFileSync } from 'node:fs';
import { errnoCode } from '../../../sys/errno.ts';
import type { Sys } from '../../../sys/sys.ts';

/** Sets the clock from the first RTC, unless the kernel has done so itself (rtc-class, hctosys). */
export function setClockFromRtc(sys: Sys, root: string): string | undefined {
  const rtc = `${root}/sys/class/rtc/rtc0`;
  try {
    if (readFileSync(`${rtc}/hctosys`, 'utf8').trim() === '1') return 'the kernel has set it';
    sys.setClock(Number(readFileSync(`${rtc}/since_epoch`, 'utf8')) * 1000);
    return undefined;
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return 'no real-time clock';
    throw error;
  }
}
