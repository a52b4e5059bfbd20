/** A package of a distribution, as its own database tells it. */
export interface DistroPackage {
  readonly type: 'deb' | 'apk';
  /** `debian`, `ubuntu`, `alpine`: os-release's ID. */
  readonly distro: string;
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  /** The source package, where its name differs. */
  readonly source?: string;
  /** In the distribution's words, which need not be SPDX's. */
  readonly license?: string;
}

/** `pkg:deb/debian/redis-server@5:7.0.15-1?arch=amd64` (package-url's specification). Pure. */
export function packageUrl({ type, distro, name, version, architecture }: DistroPackage): string {
  const escaped = (text: string): string => encodeURIComponent(text).replaceAll('%3A', ':');
  const qualifiers = architecture === undefined ? '' : `?arch=${escaped(architecture)}`;
  return `pkg:${type}/${escaped(distro)}/${escaped(name)}@${escaped(version)}${qualifiers}`;
}
