/**
 * One thing that `npm run bench` can measure: its name for `--only`, what it is about, and the measuring
 * itself, which yields tables for people, targets, and the figures as they are for `--json`.
 */
import type { Progress } from '../../build/progress.ts';
import type { Target } from './target.ts';

export interface BenchContext {
  /** How often to repeat what takes its time: boots of a machine. */
  readonly rounds: number;
  readonly progress: Progress;
}

export interface Outcome {
  /** Each a headline and rows of cells, the first of them the heads. */
  readonly tables: readonly { readonly title: string; readonly rows: readonly Cells[] }[];
  readonly targets: readonly Target[];
  /** Plain data. */
  readonly figures: unknown;
}

export type Cells = readonly string[];

export interface Measurement {
  readonly name: string;
  readonly about: string;
  readonly measure: (context: BenchContext) => Promise<Outcome>;
}
