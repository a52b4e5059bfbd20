/** `disk` of a volume: which disk it is on, and what is done to that before it is mounted. */
import { z } from 'zod';

import {
  type DiskChoice,
  type DiskUse,
  FILESYSTEMS,
} from '../../supervisor/disk-volumes/disk-wish.ts';
import { DEFAULT_ONBOOT_POLICY, type OnbootPolicy } from '../../supervisor/service/policy.ts';
import { text } from './notation.ts';
import { type Problem, problem } from './problem.ts';
import { sizeFrom } from './size-values.ts';
import { duration } from './supervision-values.ts';
import { absolutePath, fileMode, filledText } from './values.ts';

export interface DiskConfig {
  readonly choice: DiskChoice;
  /** What it holds. */
  readonly filesystem: DiskUse;
  readonly format: 'ifBlank' | 'never';
  readonly fsck: boolean;
  readonly grow: boolean;
  readonly options: readonly string[];
  readonly encrypt?: { readonly key: DiskKey };
  /** In milliseconds. */
  readonly wait: number;
  readonly owner?: { readonly uid: number; readonly gid: number; readonly mode: number };
  /** The onboot task that has ended before. */
  readonly after?: string;
  readonly onFailure: OnbootPolicy['onFailure'];
}

export type DiskKey =
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'metadata'; readonly name: string }
  | { readonly from: 'tpm'; readonly pcrs: readonly number[] };

const CHOICES = ['label', 'uuid', 'path', 'size', 'firstBlank'] as const;

/** The state of Secure Boot, which an update of what is signed leaves as it is. */
const DEFAULT_PCRS: readonly number[] = [7];

const DEFAULT_WAIT_MS = 10_000;
const DEFAULT_MODE = 0o755;

const MIB = 1_048_576;
const diskSize = sizeFrom(MIB, false);

/** mount(8) takes them as a list with commas; who can mount anything as root finds no border here. */
const mountOption = text.regex(/^[^,\s]+$/u, 'must be one option of mount(8), such as noatime');

const keyPath = absolutePath.regex(/^[^:]*$/u, 'must not have a ":" in it');

const RANGE = 'must be from 0 to 23';

const encrypt: z.ZodType<NonNullable<DiskConfig['encrypt']>> = z
  .strictObject({
    key: z.union(
      [
        z.literal('tpm'),
        z.strictObject({ file: keyPath }),
        z.strictObject({
          metadata: text.regex(/^[A-Za-z0-9_.-]+$/u, 'must be the name of a file in /run/config'),
        }),
      ],
      { error: 'must be tpm, or a map with "file" or "metadata"' },
    ),
    pcrs: z.array(z.int().min(0, RANGE).max(23, RANGE)).min(1, 'must not be empty').exactOptional(),
  })
  .transform(({ key, pcrs }, context) => {
    if (key === 'tpm') return { key: { from: 'tpm', pcrs: pcrs ?? DEFAULT_PCRS } };
    if (pcrs !== undefined) {
      const message = 'are registers of a TPM: they go with "key: tpm"';
      context.addIssue(problem({ code: 'conflict', message, path: ['pcrs'], at: 'key' }));
    }
    if ('file' in key) return { key: { from: 'file', path: key.file } };
    return { key: { from: 'metadata', name: key.metadata } };
  });

const fields = z.strictObject({
  label: filledText.exactOptional(),
  uuid: filledText.exactOptional(),
  path: text
    .regex(/^\/dev\/./u, 'must be a path such as /dev/vdb or /dev/disk/by-path/…')
    .exactOptional(),
  size: z
    .union([diskSize, z.strictObject({ min: diskSize, max: diskSize })], {
      error: 'must be a size such as 10G, or a map with "min" and "max"',
    })
    .exactOptional(),
  firstBlank: z.literal(true).exactOptional(),
  filesystem: z.enum(FILESYSTEMS).exactOptional(),
  swap: z.boolean().default(false),
  format: z.enum(['ifBlank', 'never']).exactOptional(),
  fsck: z.boolean().exactOptional(),
  grow: z.boolean().default(false),
  options: z.array(mountOption).default([]),
  encrypt: encrypt.exactOptional(),
  wait: duration.default(DEFAULT_WAIT_MS),
  uid: z.int().min(0, 'must not be negative').exactOptional(),
  gid: z.int().min(0, 'must not be negative').exactOptional(),
  mode: fileMode.exactOptional(),
  after: filledText.exactOptional(),
  onFailure: z.enum(['continue', 'halt', 'reboot']).default(DEFAULT_ONBOOT_POLICY.onFailure),
});

type Fields = z.output<typeof fields>;

export const diskSchema: z.ZodType<DiskConfig> = fields
  .superRefine(
    (disk, context) => {
      for (const each of problemsOf(disk)) context.addIssue(problem(each));
    },
    { when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value) },
  )
  .transform((disk, context) => {
    const choice = choiceOf(disk);
    if (choice === undefined) {
      context.addIssue(problem({ code: 'missing-key', message: NO_CHOICE }));
      return z.NEVER;
    }
    const { uid, gid, mode, after } = disk;
    const owner = { uid: uid ?? 0, gid: gid ?? 0, mode: mode ?? DEFAULT_MODE };
    return {
      choice,
      filesystem: disk.swap ? 'swap' : (disk.filesystem ?? 'ext4'),
      format: formatOf(disk),
      fsck: disk.fsck ?? true,
      grow: disk.grow,
      options: disk.options,
      ...(disk.encrypt && { encrypt: disk.encrypt }),
      wait: disk.wait,
      ...((uid ?? gid ?? mode) !== undefined && { owner }),
      ...(after !== undefined && { after }),
      onFailure: disk.onFailure,
    };
  });

const NO_CHOICE = `one of ${CHOICES.join(', ')} must say which disk it is`;

function choiceOf({ label, uuid, path, size, firstBlank }: Fields): DiskChoice | undefined {
  if (label !== undefined) return { by: 'label', label };
  if (uuid !== undefined) return { by: 'uuid', uuid };
  if (path !== undefined) return { by: 'path', path };
  if (typeof size === 'number') return { by: 'size', min: size, max: size };
  if (size !== undefined) return { by: 'size', ...size };
  return firstBlank === undefined ? undefined : { by: 'firstBlank' };
}

/** By a label or UUID no blank disk is found; another one would be another disk. */
function formatOf({ format, firstBlank }: Fields): DiskConfig['format'] {
  return format ?? (firstBlank === true ? 'ifBlank' : 'never');
}

function problemsOf(disk: Fields): readonly Problem[] {
  const given = CHOICES.filter((choice) => choice in disk);
  const [first] = given;
  const conflict = (name: string, message: string): Problem => {
    return { code: 'conflict', message, path: [name], at: 'key' };
  };
  const problems: Problem[] = given
    .slice(1)
    .map((name) => conflict(name, `"${name}" cannot go together with "${first}"`));
  if (first === undefined) problems.push({ code: 'missing-key', message: NO_CHOICE });
  if ((first === 'label' || first === 'uuid') && disk.format === 'ifBlank') {
    const message = `a disk that is found by its ${first} is not blank: say "firstBlank", "size" or "path"`;
    problems.push(conflict('format', message));
  }
  if (first === 'firstBlank' && disk.format === 'never') {
    problems.push(
      conflict('format', '"never" goes with a disk that is not blank: say its "label"'),
    );
  }
  if (typeof disk.size === 'object' && disk.size.min > disk.size.max) {
    problems.push(conflict('size', '"min" is more than "max"'));
  }
  if (disk.swap) {
    for (const name of ['filesystem', 'fsck', 'options', 'uid', 'gid', 'mode'] as const) {
      const isGiven = name === 'options' ? disk.options.length > 0 : disk[name] !== undefined;
      if (isGiven) problems.push(conflict(name, 'means nothing together with "swap"'));
    }
  }
  if (disk.grow && (disk.swap || disk.filesystem === 'vfat')) {
    problems.push(conflict('grow', `${disk.swap ? 'what is swapped to' : 'vfat'} cannot grow`));
  }
  if (disk.filesystem === 'vfat') {
    for (const name of ['uid', 'gid', 'mode'] as const) {
      if (disk[name] === undefined) continue;
      const message = `vfat keeps no owners: say it in "options", as "uid=…" and "umask=…"`;
      problems.push(conflict(name, message));
    }
  }
  return problems;
}
