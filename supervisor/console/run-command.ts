/**
 * Carries out a command by asking PID 1. Shared by the console and by the applets: both give lines to
 * `print` and obey `signal`.
 */
import type { CrashReport, LogLine, MachineInfo, UnitStatus } from '../control/api.ts';
import { type ControlClient, ControlError } from '../control/client.ts';
import { helpLines, type Command, MACHINE_LOGS } from './command.ts';
import { emergencyLines } from '../view/emergency-view.ts';
import { crashLines, logLines } from '../view/event-view.ts';
import { findUnit } from '../view/find-unit.ts';
import { machineLine, statusLines, unitLines } from '../view/status-view.ts';

export interface CommandContext {
  readonly client: ControlClient;
  /** Resolves when there is room for more. */
  print(lines: readonly string[]): Promise<void>;
  /** How many columns a line may have; `Infinity` when nobody looks. */
  readonly width: number;
  readonly signal: AbortSignal;
}

/** Whether it did what was asked. Rejects with `ControlError` when PID 1 does not answer or refuses. */
export async function runCommand(command: Command, context: CommandContext): Promise<boolean> {
  switch (command.tag) {
    case 'nothing':
      return true;
    case 'wrong':
      await context.print([command.message]);
      return false;
    case 'help':
      await context.print(helpLines());
      return true;
    case 'status':
      return showStatus(command.unit, context);
    case 'logs':
      return showLogs(command, context);
    case 'crash':
      return showCrash(context);
    case 'poweroff':
    case 'reboot':
      await context.client.post(`/v1/${command.tag}`);
      await context.print([command.tag === 'reboot' ? 'Rebooting.' : 'Powering off.']);
      return true;
    case 'resume':
      await context.client.post('/v1/resume');
      await context.print(['PID 1 begins anew.']);
      return true;
  }
}

async function showStatus(name: string | undefined, context: CommandContext): Promise<boolean> {
  const [units, machine] = await Promise.all([
    context.client.get<readonly UnitStatus[]>('/v1/services'),
    context.client.get<MachineInfo>('/v1/machine'),
  ]);
  if (name === undefined) {
    const { emergency } = machine;
    const trouble = emergency === undefined ? [] : emergencyLines(emergency, context.width);
    const table = statusLines(units, machine.uptimeMs, context.width);
    await context.print([...trouble, machineLine(machine), ...table]);
    return true;
  }
  const found = findUnit(units, name);
  await context.print(
    found.tag === 'none' ? [found.message] : unitLines(found.unit, machine.uptimeMs, context.width),
  );
  return found.tag === 'found';
}

async function showCrash(context: CommandContext): Promise<boolean> {
  try {
    await context.print(crashLines(await context.client.get<CrashReport>('/v1/crash')));
    return true;
  } catch (error) {
    if (!(error instanceof ControlError) || error.code !== 'not-found') throw error;
    await context.print([
      'The kernel has not crashed before this boot, or had no place to say so.',
    ]);
    return false;
  }
}

async function showLogs(
  command: Command & { tag: 'logs' },
  context: CommandContext,
): Promise<boolean> {
  const units = await context.client.get<readonly UnitStatus[]>('/v1/services');
  const found = findUnit(units, command.unit);
  // A service may be called so as well, and a person who has made one means that.
  const isMachineLog = found.tag === 'none' && MACHINE_LOGS.includes(command.unit);
  if (found.tag === 'none' && !isMachineLog) {
    await context.print([found.message]);
    return false;
  }
  const log =
    found.tag === 'found'
      ? `services/${encodeURIComponent(found.unit.id)}/logs`
      : `logs/${command.unit}`;
  const follow = command.follow ? '&follow=1' : '';
  await context.client.stream<LogLine>(
    `/v1/${log}?tail=${command.tail}${follow}`,
    (line) => context.print(logLines(line)),
    context.signal,
  );
  return true;
}
