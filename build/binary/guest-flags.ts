// The command line that is built into the binary. `execArgvExtension: 'none'` goes with it: nothing a
// kernel command line turns into environment (NODE_OPTIONS) or arguments can add to it.

/**
 * Flags of V8. They are part of the check value of a code cache, so the cache must be made under the
 * very same ones (measured: with one flag more at run time V8 rejects it and compiles everything).
 */
export const V8_FLAGS: readonly string[] = [
  // The heap limit is fixed when V8 starts; setting it later has no effect. Idle PID 1 uses 5 MB of heap.
  '--max-old-space-size=48',
  // Keeps the young generation from growing to 16 MB under a burst of log lines: RssAnon 13 instead of 20 MB.
  '--max-semi-space-size=1',
];

/**
 * Flags of Node itself.
 *
 * `--v8-pool-size=0` would not mean no pool: Node then takes one thread per processor, less one, so
 * the number of threads would depend on the machine. One worker does what V8 wants done beside the
 * event loop, above all garbage collection, which is why `--single-threaded` is not here either: it
 * saves no thread once the pool is one, and moves that work into the event loop.
 */
export const NODE_FLAGS: readonly string[] = [
  // Node answers SIGUSR1 by opening the inspector, which is a way into PID 1.
  '--disable-sigusr1',
  '--v8-pool-size=1',
  // node:ffi says so on stderr, which in PID 1 is the console.
  '--disable-warning=ExperimentalWarning',
];

/**
 * For the run that makes the code cache only: the hashes of strings are stored in it, and without a
 * fixed seed they differ from run to run. V8 leaves the seed out of the check value for this purpose.
 */
export const REPRODUCIBLE_CACHE_FLAGS: readonly string[] = ['--random-seed=1'];
