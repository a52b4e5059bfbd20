/**
 * Carries out a command by asking PID 1. Shared by the console and by the applets: both give lines to
 * `print` and obey `signal`.
 */
import type { BootReport, CrashReport, MachineInfo, UnitStatus } from '../control/api.ts';
import { ControlError } from '../control/client.ts';
import { helpLines, isAllowed, type Order } from './command.ts';
import type { CommandContext } from './command-context.ts';
import { emergencyLines } from '../view/emergency-view.ts';
import { crashLines } from '../view/event-view.ts';
import { jsonLine } from './json-line.ts';
import { bootLines } from '../view/boot-view.ts';
import { actOnUnit } from './act-on-unit.ts';
import { execInUnit } from './exec-in-unit.ts';
import { showConfig } from './show-config.ts';
import { showEvents } from './show-events.ts';
import { showDisks, showMemory, showNetwork } from './show-machine.ts';
import { showTop } from './show-top.ts';
import { showProcesses } from './show-processes.ts';
import { showSupport } from './show-support.ts';
import { showWhy } from './show-why.ts';
import { showKernelLog, showLogs } from './show-logs.ts';
import { machineLine, statusRows, unitLines } from '../view/status-view.ts';
import { askForUnit } from './ask-for-unit.ts';

/** Whether it did what was asked. Rejects with `ControlError` when PID 1 does not answer or refuses. */
export async function runCommand(order: Order, context: CommandContext): Promise<boolean> {
  switch (order.tag) {
    case 'help':
      await context.print(helpLines(context.mode));
      return true;
    case 'status':
      return showStatus(order, context);
    case 'logs':
      return showLogs(order, context);
    case 'why':
      return showWhy(order, context);
    case 'dmesg':
      return showKernelLog(order, context);
    case 'events':
      return showEvents(order, context);
    case 'boot':
      return showBoot(order, context);
    case 'top':
      return showTop(order, context);
    case 'mem':
      return showMemory(order, context);
    case 'disk':
      return showDisks(order, context);
    case 'net':
      return showNetwork(order, context);
    case 'ps':
      return showProcesses(order, context);
    case 'config':
      return showConfig(order, context);
    case 'crash':
      return showCrash(order, context);
    case 'support':
      return showSupport(order, context);
    case 'lock':
      await context.print(['This console has no password.']);
      return false;
    case 'start':
    case 'stop':
    case 'restart':
    case 'signal':
      return actOnUnit(order, context);
    case 'exec':
      return execInUnit(order, context);
    case 'poweroff':
    case 'reboot':
      await context.client.post(`/v1/${order.tag}`);
      await context.print([order.tag === 'reboot' ? 'Rebooting.' : 'Powering off.']);
      return true;
    case 'resume':
      await context.client.post('/v1/resume');
      await context.print(['PID 1 begins anew.']);
      return true;
  }
}

async function showStatus(order: Order, context: CommandContext): Promise<boolean> {
  const { client, width } = context;
  const { uptimeMs, ...machine } = await client.get<MachineInfo>('/v1/machine');
  if (order.unit !== undefined) {
    const unit = await askForUnit(order.unit, context);
    if (unit === undefined) return false;
    await context.print(order.json ? [jsonLine(unit)] : unitLines(unit, uptimeMs, width));
    return true;
  }
  const units = await client.get<readonly UnitStatus[]>('/v1/services');
  if (order.json) {
    await context.print(units.map(jsonLine));
    return true;
  }
  const { emergency } = machine;
  const trouble =
    emergency === undefined
      ? []
      : emergencyLines(emergency, width, (way) => isAllowed(way, context.mode));
  const [head, ...rows] = statusRows(units, uptimeMs, width);
  await context.print(trouble, 'error');
  await context.print([machineLine({ ...machine, uptimeMs })]);
  await context.print(head?.lines ?? [], 'strong');
  for (const { lines, style } of rows) await context.print(lines, style);
  return true;
}

async function showBoot({ all, json }: Order, context: CommandContext): Promise<boolean> {
  const { client, width } = context;
  const boot = await client.get<BootReport>('/v1/boot');
  if (json) {
    await context.print([jsonLine(boot)]);
    return true;
  }
  const units = await client.get<readonly UnitStatus[]>('/v1/services');
  await context.print(bootLines(boot, units, { width, all }));
  return true;
}

async function showCrash({ json }: Order, context: CommandContext): Promise<boolean> {
  try {
    const crash = await context.client.get<CrashReport>('/v1/crash');
    await context.print(json ? [jsonLine(crash)] : crashLines(crash));
    return true;
  } catch (error) {
    if (!(error instanceof ControlError) || error.code !== 'not-found') throw error;
    await context.print([
      'The kernel has not crashed before this boot, or had no place to say so.',
    ]);
    return false;
  }
}
