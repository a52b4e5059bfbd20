/**
 * The label `org.mobyproject.config` of an image: what its maker says of how it is to be run, in the keys of a
 * container. Pure.
 */
import { parseDocument } from 'yaml';
import { z } from 'zod';

import type { Image } from '../image/image-store.ts';
import { type ContainerSettings, settingsShape } from './container-settings.ts';

export const CONFIG_LABEL = 'org.mobyproject.config';

const labelSchema: z.ZodType<ContainerSettings> = z.strictObject(settingsShape);

export type LabelReading =
  | { readonly settings: ContainerSettings }
  /** Half a sentence, one for each thing that is wrong with it. */
  | { readonly problems: readonly string[] };

/** An image without the label says nothing. The notation is YAML, of which JSON is a part. */
export function readLabel({ config }: Pick<Image, 'config'>): LabelReading {
  const text = config.labels[CONFIG_LABEL];
  if (text === undefined || text === '') return { settings: {} };
  const document = parseDocument(text, { stringKeys: true, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) return { problems: [error.message] };
  const result = labelSchema.safeParse(document.toJS());
  if (result.success) return { settings: result.data };
  return {
    problems: result.error.issues.map(({ path, message }) =>
      path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`,
    ),
  };
}

/** The settings of a label that `readLabel` has found right; throws otherwise. */
export function labelSettings(image: Image): ContainerSettings {
  const reading = readLabel(image);
  if ('settings' in reading) return reading.settings;
  throw new Error(`Cannot use the label of ${image.reference}: ${reading.problems.join('; ')}`);
}
