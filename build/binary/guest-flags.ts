// The command line that is built into the binary. `execArgvExtension: 'none'` goes with it: nothing a
// kernel command line turns into environment (NODE_OPTIONS) or arguments can add to it.

/**
 * Chosen with care, because most flags of V8 cost more than they give: when they differ from those of
 * Node's own build, V8 rejects the compiled code that Node carries for its modules and compiles every
 * one from source. Measured for `--single-threaded` with six modules loaded: 47 of 47 rejected, 125 ms
 * more until the first line on an emulated processor, for no thread less. The two memory limits here
 * are not among those; the test that packs a program fails when a flag is (see CACHE_FLAGS).
 */
export const GUEST_FLAGS: readonly string[] = [
  // Node answers SIGUSR1 by opening the inspector, which is a way into PID 1.
  '--disable-sigusr1',
  // One worker thread, for what V8 does beside the event loop, above all garbage collection. 0 would
  // not mean none: Node then takes one per processor, less one, so the machine would decide.
  '--v8-pool-size=1',
  // The heap limit is fixed when V8 starts; setting it later has no effect. Idle PID 1 uses 5 MB of heap.
  '--max-old-space-size=48',
  // Keeps the young generation from growing to 16 MB under a burst of log lines: RssAnon 13 instead of 20 MB.
  '--max-semi-space-size=1',
  // node:ffi says so on stderr, which in PID 1 is the console.
  '--disable-warning=ExperimentalWarning',
];

/**
 * For the run that makes the code cache: the hashes of strings are stored in it, and without a fixed
 * seed they differ from run to run. V8 leaves the seed out of the check value for this purpose. The
 * flags above are left out on purpose: a cache made without them is rejected, audibly, under exactly
 * those flags that make V8 reject Node's own.
 */
export const CACHE_FLAGS: readonly string[] = ['--random-seed=1'];
