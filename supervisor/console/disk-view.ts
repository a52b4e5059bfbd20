/** `disk`: filesystems with their space, and disks. Pure. */
import type { BlockDevice, MachineMount } from '../control/api-machine.ts';
import { printable } from '../view/printable.ts';
import { percentText, sizeText } from '../view/size-text.ts';
import { table } from '../view/table.ts';

export function diskLines(
  mounts: readonly MachineMount[],
  disks: readonly BlockDevice[],
  width: number,
): readonly string[] {
  const spaces = mounts.flatMap(({ target, fstype, source, space }) => {
    if (space === undefined || space.totalBytes === 0) return [];
    const used = space.totalBytes - space.freeBytes;
    const cells = [
      printable(target),
      sizeText(space.totalBytes),
      sizeText(used),
      percentText(used, space.totalBytes),
      space.files === 0 ? '-' : percentText(space.files - space.filesFree, space.files),
      fstype,
      printable(source),
    ];
    return [cells];
  });
  const rows = disks.map((disk) => [
    `${disk.parent === undefined ? '' : '  '}${printable(disk.name)}`,
    sizeText(disk.sizeBytes),
    sizeText(disk.readBytes),
    sizeText(disk.writtenBytes),
    printable([disk.model ?? '', disk.readOnly ? '(read-only)' : ''].join(' ').trim()),
  ]);
  return [
    ...table(['MOUNT', '>SIZE', '>USED', '>SHARE', '>FILES', 'TYPE', 'SOURCE'], spaces, width),
    ...(rows.length === 0
      ? ['', 'The machine has no disk.']
      : ['', ...table(['DISK', '>SIZE', '>READ', '>WRITTEN', 'MODEL'], rows, width)]),
  ];
}
