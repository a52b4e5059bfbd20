/**
 * How the YAML names an image: one word, or a map for what is built from a Dockerfile. Both become the
 * one-word spelling of build/image/image-source.ts, so that nothing behind this file sees two forms.
 */
import { z } from 'zod';
import { renderDockerfileSource } from '../image/image-source.ts';
import { filledText } from './values.ts';

const word = filledText
  .regex(/^\S*$/, 'must not contain spaces')
  .refine((name) => !name.startsWith('@pkg:'), {
    error: 'must be an image: packages by their folder ("@pkg:") are LinuxKit\'s; see "build:PATH"',
  });

const dockerfile = z.strictObject({
  context: filledText,
  dockerfile: filledText.exactOptional(),
  target: filledText.exactOptional(),
  args: z.record(z.string(), z.string()).exactOptional(),
});

const built = z
  .strictObject({
    build: z.union([filledText.transform((context) => ({ context })), dockerfile]),
  })
  .transform(({ build }) => {
    const { dockerfile: file, ...rest } = 'dockerfile' in build ? build : { ...build };
    return renderDockerfileSource({ ...rest, ...(file === undefined ? {} : { file }) });
  });

/** How images are named in `kernel.image`, `init` and containers; yields one word. */
export const imageReference: z.ZodType<string> = z.union([word, built]);

/** The one word for what a file holds; `undefined` for what names no image at all. */
export function imageWord(value: unknown): string | undefined {
  const { data } = imageReference.safeParse(value);
  return data;
}
