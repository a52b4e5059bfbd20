import { errnoCode, errorMessage } from '../../sys/errno.ts';
import type { ProbeOutcome } from '../interpreter/launcher.ts';
import { describeSpan } from '../service/describe.ts';
import { type SlowFiles, SlowFilesError } from '../slow-files.ts';
import { findInRoot } from './find-in-root.ts';

export interface FileQuestion {
  readonly path: string;
  readonly maxAgeMs?: number;
}

export interface FileProbeContext {
  readonly files: SlowFiles;
  /** Since the epoch, the clock of the files' times. */
  readonly nowMs: () => number;
}

/** @param who the unit: only one question of it may wait for an answer. */
export async function probeFile(
  { files, nowMs }: FileProbeContext,
  who: string,
  root: string,
  { path, maxAgeMs }: FileQuestion,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new Error(`the file system gave no answer within ${describeSpan(timeoutMs)}`);
    timer = setTimeout(reject, timeoutMs, error);
  });
  try {
    const found = await Promise.race([files.ask(who, () => findInRoot(root, path)), late]);
    const ageMs = Math.max(0, nowMs() - found.mtimeMs);
    const output = `changed ${describeSpan(ageMs)} ago`;
    return { passed: maxAgeMs === undefined || ageMs <= maxAgeMs, output };
  } catch (error) {
    const errno = error instanceof SlowFilesError ? undefined : errnoCode(error);
    return { passed: false, output: errno ?? errorMessage(error) };
  } finally {
    clearTimeout(timer);
  }
}
