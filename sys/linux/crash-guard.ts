/**
 * When PID 1 is lost to a fault that no JavaScript can catch (V8 out of memory, abort, SIGSEGV), the
 * kernel panics. This guard turns such a signal into an execve of the same binary in place: children,
 * mounts and file descriptors without CLOEXEC survive, and the next generation carries on. Each signal
 * has its own entry, whose environment says to the next generation which one it was.
 *
 * The handlers cannot be JavaScript, so they are machine code (execve-code.ts) in pages of their own,
 * with everything they need beside it. They run on their own stack: the fault may be a stack overflow.
 * That stack is the main thread's; another thread runs the handler on what it has.
 *
 * Fresh code and the instruction cache: the pages are written while they are not executable. When mprotect
 * makes them so, the kernel itself cleans the data cache and invalidates the instruction cache for each
 * page that user space may now execute (arm64: set_pte_at → __sync_icache_dcache, arch/arm64/mm/flush.c;
 * x86 keeps both coherent).
 */
import { toBuffer } from 'node:ffi';
import { writeSync } from 'node:fs';
import { signalName } from '../exit.ts';
import { guardArch, layOutExecves } from './execve-code.ts';
import { check, libc } from './libc.ts';

const PROT_READ = 1;
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const MAP_PRIVATE_ANONYMOUS = 0x22;

/** SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV (signal(7)). */
const FATAL_SIGNALS = [4, 5, 6, 7, 8, 11];
/**
 * SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF,
 * SIGIO, SIGPWR, SIGSYS (signal(7)).
 */
const ENDING_SIGNALS = [1, 2, 3, 10, 12, 13, 14, 15, 16, 24, 25, 26, 27, 29, 30, 31];
const SIG_IGN = 1n;
const SA_ONSTACK = 0x0800_0000;
/** A second fault inside the handler must find the signal unblocked, and execve keeps the mask. */
const SA_NODEFER = 0x4000_0000;

/** Whole pages on every kernel: arm64 has some of 64 KiB. What is not touched costs no memory. */
const CODE_PAGE = 64 * 1024;
/**
 * Descriptors that the handlers write to, and one word for the end of the list. In pages of its own: those of
 * the code are not writable any more.
 */
const LIST_PAGE = 64 * 1024;
const MOST_MARKED = 31;
const LIST_BYTES = (MOST_MARKED + 1) * 4;

/** Above the largest signal frame that either kernel demands (AMX, SVE with SME: tens of KiB). */
const STACK = 128 * 1024;
const F_SETFD = 2;
const SIG_UNBLOCK = 1;
const SIGUSR1 = 10;

export interface ReExec {
  readonly file: string;
  readonly argv: readonly string[];
  /** The whole environment of the next generation after such a signal: `SIGSEGV`. */
  readonly env: (signal: string) => Readonly<Record<string, string>>;
}

/** The list as the handlers read it; `undefined` without a guard. */
let list: Buffer | undefined;
const marked: number[] = [];

/**
 * Before it is executed again, be it by the guard or by `writeToMarked`, this process writes "1" to the descriptor. For
 * `cgroup.kill`: execve(2) waits until all other threads have ended, and one that stands in the kernel for what a program
 * keeps from it ends only after that program. Of more than `MOST_MARKED` the last ones are left out. Returns the function that takes it back.
 */
export function writeBeforeReExec(fd: number): () => void {
  marked.push(fd);
  showMarked();
  return () => {
    marked.splice(marked.indexOf(fd), 1);
    showMarked();
  };
}

/** What the guard does before its execve, for one that comes from JavaScript. */
export function writeToMarked(): void {
  for (const fd of marked) {
    try {
      writeSync(fd, '1');
    } catch {
      // ENODEV: the cgroup is gone.
    }
  }
}

/** The end first, and each word whole: the handlers may read at any moment. */
function showMarked(): void {
  if (list === undefined) return;
  const shown = marked.slice(0, MOST_MARKED);
  for (let index = MOST_MARKED; index >= 0; index -= 1) {
    list.writeInt32LE(shown[index] ?? -1, index * 4);
  }
}

/**
 * Installs the guard. Returns false on an architecture it has no code for (all but x86-64 and arm64),
 * where a crash stays a kernel panic and `panic=` decides. Throws `SysError` when the kernel refuses.
 */
export function installCrashGuard({ file, argv, env }: ReExec): boolean {
  const arch = guardArch(process.arch);
  if (arch === undefined) return false;
  const size = BigInt(CODE_PAGE + LIST_PAGE + STACK);
  const page = libc('mmap')(0n, size, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0n);
  // mmap fails with -1, which a pointer shows as all ones.
  if (page === 0xffff_ffff_ffff_ffffn) return false;
  const wanted = FATAL_SIGNALS.map((signal) => ({ file, argv, env: env(signalName(signal)) }));
  const listAt = page + BigInt(CODE_PAGE);
  list = toBuffer(listAt, LIST_BYTES, false);
  showMarked();
  const { bytes, entries } = layOutExecves(arch, page, listAt, wanted);
  toBuffer(page, CODE_PAGE, false).set(bytes);
  check(libc('mprotect')(page, BigInt(CODE_PAGE), PROT_READ | PROT_EXEC), 'mprotect');

  const stack = Buffer.alloc(24); // stack_t { ss_sp: u64, ss_flags: i32, ss_size: u64 }
  stack.writeBigUInt64LE(listAt + BigInt(LIST_PAGE), 0);
  stack.writeBigUInt64LE(BigInt(STACK), 16);
  check(libc('sigaltstack')(stack, 0n), 'sigaltstack');

  FATAL_SIGNALS.forEach((signal, index) => handle(signal, entries[index] ?? page));
  unblockSignals();

  // The next generation must still have its standard streams; libuv marks ttys CLOEXEC.
  for (const fd of [0, 1, 2]) check(libc('fcntl')(fd, F_SETFD, 0n), 'fcntl F_SETFD', String(fd));
  return true;
}

/**
 * Ignores every signal whose default is to end a process, until there is a listener for it. The kernel does not let
 * them end PID 1 anyway, with one exception: while the main thread has a signal blocked, as libuv does around each
 * fork and each change of a handler, and another thread does not (kernel/signal.c, sig_ignored and
 * complete_signal). Children do not inherit this, because libuv gives them the defaults.
 */
export function ignoreEndingSignals(): void {
  for (const signal of ENDING_SIGNALS) handle(signal, SIG_IGN);
}

/**
 * glibc's struct sigaction, the same on both architectures: handler @0, mask @8, flags @136, restorer
 * @144. glibc fills in SA_RESTORER where its kernel wants one (x86-64) by itself; nothing returns anyway.
 */
function handle(signal: number, entry: bigint): void {
  const action = Buffer.alloc(152);
  action.writeBigUInt64LE(entry, 0);
  action.writeInt32LE(SA_NODEFER | SA_ONSTACK, 136);
  check(libc('sigaction')(signal, action, 0n), 'sigaction', signalName(signal));
}

/**
 * execve keeps the mask of a generation that died while it had signals blocked, as libuv does around each
 * fork. Node's own block of SIGUSR1 stays, see init/signals.ts.
 */
function unblockSignals(): void {
  const set = Buffer.alloc(128, 0xff); // sigset_t: bit n-1 is signal n
  set.writeBigUInt64LE(~(1n << BigInt(SIGUSR1 - 1)) & 0xffff_ffff_ffff_ffffn, 0);
  check(libc('pthread_sigmask')(SIG_UNBLOCK, set, 0n), 'pthread_sigmask');
}
