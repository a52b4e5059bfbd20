/**
 * A script for the shell of a machine (x86-64) that breaks PID 1's code: it writes `ud2` where the program goes on after the
 * system call that PID 1 waits in, through /proc/1/mem as a debugger would. The processor then raises SIGILL in the
 * middle of its own code.
 *
 * /proc/PID/syscall has number, six arguments, stack pointer and program counter of a process that waits, else the
 * word `running`. Not the program counter itself: that is in the C library, which has one such place for all
 * threads and for the handlers of signals, in which every signal is blocked. So it is the first return address
 * on the stack that lies in the program.
 */
export const BREAK_PID_1 = `
until [ -n "$9" ]; do set -- $(cat /proc/1/syscall); done
stack=$8
range=$(grep ' r-xp .* /init$' /proc/1/maps | head -n 1 | cut -d ' ' -f 1)
for word in $(dd if=/proc/1/mem bs=8 skip=$((stack / 8)) count=256 2>/dev/null | od -An -v -t x8); do
  [ $((0x$word)) -ge $((0x\${range%-*})) ] && [ $((0x$word)) -lt $((0x\${range#*-})) ] && break
done
printf '\\017\\013' | dd of=/proc/1/mem bs=1 conv=notrunc seek=$((0x$word)) 2>/dev/null
`;
