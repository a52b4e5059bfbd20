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
import { signalName } from '../exit.ts';
import { guardArch, layOutExecves } from './execve-code.ts';
import { check, libc } from './libc.ts';

const PROT_READ = 1;
const PROT_WRITE = 2;
const PROT_EXEC = 4;
const MAP_PRIVATE_ANONYMOUS = 0x22;

/** SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV (signal(7)). */
const FATAL_SIGNALS = [4, 5, 6, 7, 8, 11];
const SA_ONSTACK = 0x0800_0000;
/** A second fault inside the handler must find the signal unblocked, and execve keeps the mask. */
const SA_NODEFER = 0x4000_0000;

/** Whole pages on every kernel: arm64 has some of 64 KiB. What is not touched costs no memory. */
const CODE_PAGE = 64 * 1024;
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

/**
 * Installs the guard. Returns false on an architecture it has no code for (all but x86-64 and arm64),
 * where a crash stays a kernel panic and `panic=` decides. Throws `SysError` when the kernel refuses.
 */
export function installCrashGuard({ file, argv, env }: ReExec): boolean {
  const arch = guardArch(process.arch);
  if (arch === undefined) return false;
  const size = BigInt(CODE_PAGE + STACK);
  const page = libc('mmap')(0n, size, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0n);
  // mmap fails with -1, which a pointer shows as all ones.
  if (page === 0xffff_ffff_ffff_ffffn) return false;
  const wanted = FATAL_SIGNALS.map((signal) => ({ file, argv, env: env(signalName(signal)) }));
  const { bytes, entries } = layOutExecves(arch, page, wanted);
  toBuffer(page, CODE_PAGE, false).set(bytes);
  check(libc('mprotect')(page, BigInt(CODE_PAGE), PROT_READ | PROT_EXEC), 'mprotect');

  const stack = Buffer.alloc(24); // stack_t { ss_sp: u64, ss_flags: i32, ss_size: u64 }
  stack.writeBigUInt64LE(page + BigInt(CODE_PAGE), 0);
  stack.writeBigUInt64LE(BigInt(STACK), 16);
  check(libc('sigaltstack')(stack, 0n), 'sigaltstack');

  FATAL_SIGNALS.forEach((signal, index) => handle(signal, entries[index] ?? page));
  unblockSignals();

  // The next generation must still have its standard streams; libuv marks ttys CLOEXEC.
  for (const fd of [0, 1, 2]) check(libc('fcntl')(fd, F_SETFD, 0n), 'fcntl F_SETFD', String(fd));
  return true;
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
