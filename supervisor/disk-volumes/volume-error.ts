/** Why a volume is not to be had, in words for whoever reads the log of its task. */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}
