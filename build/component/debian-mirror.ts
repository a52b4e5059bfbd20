/**
 * Where the packages come from: the Debian mirrors that this machine's own apt uses, for Debian 13
 * whatever Debian the machine is. Pure; no mirror is named here.
 */
import type { ArchiveArea } from './recipe.ts';

export const SUITE = 'trixie';

/** What `apt-get indextargets --format` is asked for, one repository a line. */
export const INDEX_TARGETS_FORMAT = '$(TARGET_OF)|$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)';

export interface DebianMirrors {
  readonly main: string;
  /** Absent when the machine takes no security updates. */
  readonly security?: string;
}

/** The mirrors in the answer of `apt-get indextargets`; `undefined` when none of them is Debian's. */
export function parseIndexTargets(output: string): DebianMirrors | undefined {
  const uriOf = (wantedLabel: string): string | undefined => {
    for (const line of output.split('\n')) {
      const [target, origin, label, component, ...uri] = line.split('|');
      if (target !== 'deb' || origin !== 'Debian' || component !== 'main') continue;
      if (label === wantedLabel && uri.length > 0) return uri.join('|');
    }
    return undefined;
  };
  const main = uriOf('Debian');
  if (main === undefined) return undefined;
  const security = uriOf('Debian-Security');
  return security === undefined ? { main } : { main, security };
}

/** The sources for apt (deb822) of one area. `keyring` is the path of Debian's keys on the host, if it has them. */
export function renderSources(
  mirrors: DebianMirrors,
  keyring: string | undefined,
  area: ArchiveArea = 'main',
): string {
  const signedBy = keyring === undefined ? '' : `Signed-By: ${keyring}\n`;
  const stanza = (uri: string, suites: string): string =>
    `Types: deb\nURIs: ${uri}\nSuites: ${suites}\nComponents: ${area}\n${signedBy}`;
  const stanzas = [stanza(mirrors.main, `${SUITE} ${SUITE}-updates`)];
  if (mirrors.security !== undefined) stanzas.push(stanza(mirrors.security, `${SUITE}-security`));
  return stanzas.join('\n');
}
