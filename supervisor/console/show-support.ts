/**
 * `support`: everything that PID 1 knows, as text that goes over any line and can be checked at the other end.
 * Secrets are taken out (redact.ts). What this machine does not have is left out.
 */
import type { MachineInfo, UnitStatus } from '../control/api.ts';
import { ControlError } from '../control/client.ts';
import type { Order } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { jsonLine } from './json-line.ts';
import { redact } from './redact.ts';

const DEFAULT_LOG_LINES = 200;

const MACHINE =
  'machine image config boot crash cpu memory pressure disks mounts network routes sockets usage services'.split(
    ' ',
  );

const OF_UNIT: readonly string[] = ['health', 'usage', 'processes', 'mounts'];

export async function showSupport(order: Order, context: CommandContext): Promise<boolean> {
  const { client } = context;
  const { image, hostname } = await client.get<MachineInfo>('/v1/machine');
  const units = await client.get<readonly UnitStatus[]>('/v1/services');
  const report = createReport(context);
  await context.print([`-----BEGIN ISHMAEL SUPPORT----- ${image} on ${hostname}`]);
  for (const name of MACHINE) await report.answer(`/v1/${name}`);
  await report.stream('/v1/events');
  const tail = `tail=${order.count ?? DEFAULT_LOG_LINES}`;
  for (const log of ['kernel', 'ishmael']) await report.stream(`/v1/logs/${log}?${tail}`);
  for (const { id } of units) {
    const path = `/v1/services/${encodeURIComponent(id)}`;
    for (const name of OF_UNIT) await report.answer(`${path}/${name}`);
    await report.stream(`${path}/logs?${tail}`);
  }
  await context.print([`-----END ISHMAEL SUPPORT----- ${report.check()}`]);
  return true;
}

interface Report {
  answer(path: string): Promise<void>;
  stream(path: string): Promise<void>;
  /** How many lines there were, and their checksum. */
  check(): string;
}

function createReport(context: CommandContext): Report {
  const { client, signal } = context;
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  let count = 0;

  async function write(line: string): Promise<void> {
    if (signal.aborted) return;
    hash.update(`${line}\n`);
    count += 1;
    await context.print([line]);
  }

  const answers = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

  return {
    async answer(path) {
      const value = await unlessRefused(client.get<unknown>(path));
      if (value === undefined) return;
      await write(`== GET ${path}`);
      for (const one of answers(value)) await write(jsonLine(redact(one)));
    },
    async stream(path) {
      let isBegun = false;
      const item = async (one: unknown): Promise<void> => {
        if (!isBegun) await write(`== GET ${path}`);
        isBegun = true;
        await write(jsonLine(redact(one)));
      };
      await unlessRefused(client.stream<unknown>(path, item, signal));
    },
    check: () => `${count} lines, sha256 ${hash.digest('hex')}`,
  };
}

/** One part that fails does not cost the rest; without PID 1 there is no rest. */
async function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ControlError && error.code !== 'unreachable') return undefined;
    throw error;
  }
}
