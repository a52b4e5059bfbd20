/**
 * A time at which this program existed: a clock that shows an earlier one has not been set. Not the time
 * of the build, which would make two builds of the same sources differ, and not that of a commit, which a
 * source archive does not have. A clock that was never set shows 1970, or the day on which the board's
 * maker has stopped its battery: that this is some months behind the sources does no harm. Moved on
 * by hand with each release.
 */
export const PROGRAM_EPOCH_MS: number = Date.UTC(2026, 10, 1);
