/** One image, told line by line. Pure. */
import type { ImageConfig } from '../../image/image-store.ts';
import type { ListedImage } from '../../image/store-list.ts';
import { sizeText } from './list-text.ts';

export function inspectText(image: ListedImage, config: ImageConfig): string {
  const { origin, layers } = image;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['name', image.name],
    ['digest', image.digest],
    ['from', origin?.source],
    ['pinned', origin?.digest],
    ['verified', origin?.verifiedBy],
    ['platform', `linux/${image.architecture}`],
    ['size', `${sizeText(image.sizeBytes)} in ${layers.length} layers`],
    ['entrypoint', words(config.entrypoint)],
    ['command', words(config.cmd)],
    ['environment', words(config.env)],
    ['directory', config.workingDir],
    ['user', config.user],
    ['stop signal', config.stopSignal],
    ['health check', words(config.healthcheck?.test ?? [])],
    ['volumes', words(config.volumes ?? [])],
    ['ports', words(config.exposedPorts ?? [])],
    ...Object.entries(config.labels).map(([name, value]) => [`label ${name}`, value] as const),
  ];
  return rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${`${name}:`.padEnd(14)}${value}\n`)
    .join('');
}

function words(list: readonly string[]): string {
  return list.length === 0 ? '' : JSON.stringify(list);
}
