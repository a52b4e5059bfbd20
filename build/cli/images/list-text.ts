/** The store as a table. Pure. */
import type { ListedImage } from '../../image/store-list.ts';

export function listText(images: readonly ListedImage[]): string {
  const rows = [
    ['NAME', 'DIGEST', 'ARCH', 'SIZE', 'FROM'],
    ...images.map((image) => [
      image.name,
      image.digest.slice('sha256:'.length).slice(0, 12),
      image.architecture,
      sizeText(image.sizeBytes),
      fromText(image),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`)
    .join('');
}

export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function fromText({ name, origin }: ListedImage): string {
  if (origin === undefined) return name.startsWith('ishmael/') ? 'recipe' : '';
  return origin.source === name ? 'registry' : origin.source;
}
