/** `net`: interfaces, where packets go, and what can be reached. Pure. */
import type { ListeningSocket, NetworkInterface, NetworkRoute } from '../control/api-network.ts';
import { printable } from '../view/printable.ts';
import { sizeText } from '../view/size-text.ts';
import { table } from '../view/table.ts';

export interface NetworkFacts {
  readonly interfaces: readonly NetworkInterface[];
  readonly routes: readonly NetworkRoute[];
  readonly sockets: readonly ListeningSocket[];
}

export function networkLines(facts: NetworkFacts, width: number): readonly string[] {
  return [
    ...interfaceLines(facts.interfaces, width),
    ...section('Routes', routeLines(facts.routes, width)),
    ...section('Listening', socketLines(facts.sockets, width)),
  ];
}

function interfaceLines(interfaces: readonly NetworkInterface[], width: number): readonly string[] {
  const rows = interfaces.map((one) => [
    printable(one.name),
    stateText(one),
    printable(one.addresses.join(' ')) || '-',
    sizeText(one.received.bytes),
    sizeText(one.sent.bytes),
    String(one.received.errors + one.sent.errors),
    String(one.received.dropped + one.sent.dropped),
  ]);
  const titles = ['INTERFACE', 'STATE', 'ADDRESSES', '>IN', '>OUT', '>ERRORS', '>DROPPED'];
  return table(titles, rows, width);
}

function stateText({ enabled, carrier, state }: NetworkInterface): string {
  if (!enabled) return 'off';
  return carrier ? printable(state) : 'no cable';
}

/** The local and broadcast tables of the kernel's own are no ways to anywhere. */
function routeLines(routes: readonly NetworkRoute[], width: number): readonly string[] {
  const rows = routes.map((route) => [
    route.destination,
    route.type === 'unicast' ? (route.gateway ?? 'directly') : route.type,
    route.interface ?? '-',
    String(route.metric),
    route.protocol,
  ]);
  return table(['TO', 'BY', 'INTERFACE', '>METRIC', 'FROM'], rows.map(cells), width);
}

function socketLines(sockets: readonly ListeningSocket[], width: number): readonly string[] {
  const rows = sockets
    .filter(({ protocol }) => protocol !== 'unix')
    .map(({ protocol, address = '', port, unit, namespace, pid, command = '' }) => [
      protocol,
      `${address.includes(':') ? `[${address}]` : address}:${port ?? ''}`,
      unit ?? (pid === undefined ? '-' : '(ishmael)'),
      pid === undefined ? '-' : String(pid),
      namespace === undefined ? command : `${command} (in the network of ${namespace})`,
    ]);
  return table(['PROTOCOL', 'ADDRESS', 'UNIT', '>PID', 'COMMAND'], rows.map(cells), width);
}

function cells(row: readonly string[]): readonly string[] {
  return row.map(printable);
}

/** Nothing for a table without rows. */
function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length < 2 ? [] : ['', `${title}:`, ...lines];
}
