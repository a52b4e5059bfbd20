/** Why something is not copied, said to the person who wants it. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
}
