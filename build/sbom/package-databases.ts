/** The databases of dpkg and apk: which packages an image says it has. Pure. */
import type { DistroPackage } from './package.ts';

/**
 * dpkg's `status`, and the files of `status.d` that images without a dpkg have instead. Packages that
 * were removed and left their configuration are not there.
 */
export function parseDpkgStatus(text: string, distro: string): readonly DistroPackage[] {
  return text.split(/\n\n+/u).flatMap((stanza) => {
    const fields = new Map(
      [...stanza.matchAll(/^([A-Za-z-]+):[ \t]*(.*)$/gmu)].map(([, key = '', value = '']) => [
        key,
        value,
      ]),
    );
    const [name, version] = [fields.get('Package'), fields.get('Version')];
    const status = fields.get('Status');
    if (name === undefined || version === undefined) return [];
    if (status !== undefined && !/\binstalled$/u.test(status)) return [];
    // `Source: name (version)`
    return [
      packageOf({
        type: 'deb',
        distro,
        name,
        version,
        architecture: fields.get('Architecture'),
        source: fields.get('Source')?.split(' ', 1)[0],
      }),
    ];
  });
}

/** apk's `installed`: lines of a letter, a colon and a value. */
export function parseApkInstalled(text: string, distro: string): readonly DistroPackage[] {
  return text.split(/\n\n+/u).flatMap((stanza) => {
    const fields = new Map(
      [...stanza.matchAll(/^([A-Za-z]):(.*)$/gmu)].map(([, key = '', value = '']) => [key, value]),
    );
    const [name, version] = [fields.get('P'), fields.get('V')];
    if (name === undefined || version === undefined) return [];
    return [
      packageOf({
        type: 'apk',
        distro,
        name,
        version,
        architecture: fields.get('A'),
        source: fields.get('o'),
        license: fields.get('L'),
      }),
    ];
  });
}

/** `ID` of os-release. */
export function parseOsRelease(text: string): string | undefined {
  return /^ID=["']?([a-z0-9._-]+)["']?$/mu.exec(text)?.[1];
}

type Fields = { readonly [Key in keyof DistroPackage]: DistroPackage[Key] | undefined };

function packageOf(
  fields: Fields & Pick<DistroPackage, 'type' | 'distro' | 'name' | 'version'>,
): DistroPackage {
  const { type, distro, name, version, architecture, source, license } = fields;
  return {
    type,
    distro,
    name,
    version,
    ...(architecture === undefined ? {} : { architecture }),
    ...(source === undefined || source === name ? {} : { source }),
    ...(license === undefined || license === '' ? {} : { license }),
  };
}
