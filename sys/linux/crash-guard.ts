/**
 * When PID 1 is lost to a fault that no JavaScript can catch (V8 out of memory, abort, SIGSEGV), the
 * kernel panics. This guard turns such a signal into an execve of the same binary in place: children,
 * mounts and file descriptors without CLOEXEC survive, and the next generation carries on.
 *
 * The handler cannot be JavaScript, so it is 44 bytes of machine code in a page of its own. Everything
 * it needs (path, argv, envp) is laid out beforehand in the same page, because at the time of the
 * fault nothing may be allocated. It runs on its own stack: the fault may be a stack overflow.
 */
import { toBuffer } from 'node:ffi';
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

const CODE_PAGE = 16 * 1024;
const STACK = 64 * 1024;
const DATA_OFFSET = 256;
const F_SETFD = 2;
const SYS_EXECVE = 59n;

export interface ReExec {
  readonly file: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Installs the guard. Returns false on an architecture it has no code for (today: all but x86-64),
 * where a crash stays a kernel panic and `panic=` decides. Throws `SysError` when the kernel refuses.
 */
export function installCrashGuard(target: ReExec): boolean {
  if (process.arch !== 'x64') return false;
  const size = BigInt(CODE_PAGE + STACK);
  const page = libc('mmap')(0n, size, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0n);
  // mmap fails with -1, which a pointer shows as all ones.
  if (page === 0xffff_ffff_ffff_ffffn) return false;
  layOut(toBuffer(page, CODE_PAGE, false), page, target);
  check(libc('mprotect')(page, BigInt(CODE_PAGE), PROT_READ | PROT_EXEC), 'mprotect');

  const stack = Buffer.alloc(24); // stack_t { ss_sp: u64, ss_flags: i32, ss_size: u64 }
  stack.writeBigUInt64LE(page + BigInt(CODE_PAGE), 0);
  stack.writeBigUInt64LE(BigInt(STACK), 16);
  check(libc('sigaltstack')(stack, 0n), 'sigaltstack');

  const action = Buffer.alloc(152); // glibc struct sigaction: handler @0, mask @8, flags @136
  action.writeBigUInt64LE(page, 0);
  action.writeInt32LE(SA_NODEFER | SA_ONSTACK, 136);
  for (const signal of FATAL_SIGNALS) check(libc('sigaction')(signal, action, 0n), 'sigaction');

  // The next generation must still have its standard streams; libuv marks ttys CLOEXEC.
  for (const fd of [0, 1, 2]) check(libc('fcntl')(fd, F_SETFD, 0n), 'fcntl F_SETFD', String(fd));
  return true;
}

/** Writes code, strings and vectors into `memory`, whose address in the process is `base`. */
function layOut(memory: Buffer, base: bigint, target: ReExec): void {
  let at = DATA_OFFSET;
  const putString = (text: string): bigint => {
    const address = base + BigInt(at);
    at += memory.write(`${text}\0`, at);
    return address;
  };
  const file = putString(target.file);
  const argv = target.argv.map(putString);
  const envp = Object.entries(target.env).map(([name, value]) => putString(`${name}=${value}`));
  at = (at + 7) & ~7;
  const putVector = (pointers: readonly bigint[]): bigint => {
    const address = base + BigInt(at);
    for (const pointer of [...pointers, 0n]) at = memory.writeBigUInt64LE(pointer, at);
    return address;
  };
  encodeExecve(file, putVector(argv), putVector(envp)).copy(memory, 0);
}

/** mov rdi, file; mov rsi, argv; mov rdx, envp; mov eax, execve; syscall; hlt (a second fault). */
function encodeExecve(file: bigint, argv: bigint, envp: bigint): Buffer {
  const code = (hex: string): Buffer => Buffer.from(hex, 'hex');
  return Buffer.concat([
    code('48bf'),
    littleEndian(file, 8),
    code('48be'),
    littleEndian(argv, 8),
    code('48ba'),
    littleEndian(envp, 8),
    code('b8'),
    littleEndian(SYS_EXECVE, 4),
    code('0f05'),
    code('f4'),
  ]);
}

function littleEndian(value: bigint, bytes: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(value);
  return buffer.subarray(0, bytes);
}
