/**
 * `npm start -- --check`: a machine's life without a person. Redis answers, the boot report is
 * printed, a clean poweroff ends QEMU by itself with 0. Each wait is bounded; any failure names the
 * console's log, and the machine never outlives the check.
 */
import type { BootReport } from '../../supervisor/control/api.ts';
import { errorMessage } from '../../sys/errno.ts';
import { bootLines } from '../../supervisor/view/boot-view.ts';
import { askGuest } from './guest-api.ts';
import { waitForRedis } from './redis-ping.ts';
import type { Vm, VmExit } from './vm.ts';
import { VmError } from './vm-error.ts';

const REDIS_LIMIT_MS = 120_000;
const ANSWER_LIMIT_MS = 30_000;
const POWEROFF_LIMIT_MS = 45_000;

/** @param redisPort of this host. Resolves with the exit code 0; throws `VmError` otherwise. */
export async function checkMachine(
  vm: Vm,
  redisPort: number,
  progress: (text: string) => void,
): Promise<number> {
  try {
    await expectRedis(vm, redisPort);
    progress(`Redis answers PING, ${seconds(vm)} after QEMU started`);
    const report = await askGuest<BootReport>(
      vm.controlSocketPath,
      (guest) => guest.get('/v1/boot'),
      ANSWER_LIMIT_MS,
      vm.waitForExit(),
    );
    const lines = bootLines(report, [], { width: 100, all: true });
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    await powerOff(vm);
    progress(`the machine powered itself off, ${seconds(vm)} after QEMU started`);
    return 0;
  } catch (error) {
    const message = `${errorMessage(error)}\nThe machine's console: ${vm.consoleLogPath}`;
    throw new VmError('guest-failed', message, { cause: error });
  } finally {
    await vm.kill();
  }
}

async function expectRedis(vm: Vm, port: number): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), REDIS_LIMIT_MS);
  let exit: VmExit | undefined;
  const onExit = (value: VmExit): void => {
    exit = value;
    stop.abort();
  };
  void vm.waitForExit().then(onExit);
  const answered = await waitForRedis(port, stop.signal).finally(() => clearTimeout(timer));
  if (answered) return;
  if (exit !== undefined) throw endedEarly(exit);
  throw new VmError('timeout', `Redis did not answer on 127.0.0.1:${port}`);
}

/** The answer may be lost on the way down, so what counts is how QEMU ends. */
async function powerOff(vm: Vm): Promise<void> {
  let refusal = '';
  const exit = vm.waitForExit();
  askGuest(
    vm.controlSocketPath,
    (guest) => guest.post('/v1/poweroff'),
    ANSWER_LIMIT_MS,
    exit,
  ).catch((error: unknown) => (refusal = `: ${errorMessage(error)}`));
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new VmError('timeout', `The machine did not power itself off${refusal}`));
  }, POWEROFF_LIMIT_MS);
  const end = await Promise.race([exit, late]).finally(() => clearTimeout(timer));
  if (end.code !== 0) throw endedEarly(end);
}

function endedEarly({ code, signal, stderr }: VmExit): VmError {
  const said = stderr === '' ? '' : `: ${stderr}`;
  return new VmError('guest-failed', `QEMU ended with ${signal ?? `exit code ${code}`}${said}`);
}

function seconds(vm: Vm): string {
  return `${((performance.now() - vm.startedAt) / 1000).toFixed(1)} s`;
}
