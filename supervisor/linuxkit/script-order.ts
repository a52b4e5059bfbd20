/**
 * The order of what LinuxKit's rc would run of /etc/init.d and /etc/shutdown.d: everything by name, and among it the
 * links to /usr/bin/service, by whose names that knows what to do. Those are fulfilled by us; what stands before and
 * behind them has its place by them. Pure.
 */
export interface DirectoryEntry {
  readonly name: string;
  /** What it leads to, when it is a link to LinuxKit's `service`. */
  readonly isService: boolean;
  readonly isExecutable: boolean;
}

export interface BootScripts {
  readonly beforeOnboot: readonly string[];
  readonly beforeServices: readonly string[];
  readonly withServices: readonly string[];
}

export interface EndScripts {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Where LinuxKit's images have the links; an image without them has no other order for it. */
const ONBOOT = '010-onboot';
const SERVICES = '020-containerd';
const ONSHUTDOWN = '010-onshutdown';

export function orderBootScripts(entries: readonly DirectoryEntry[]): BootScripts {
  const onboot = placeOf(entries, 'onboot') ?? ONBOOT;
  const services = placeOf(entries, 'containerd') ?? SERVICES;
  const scripts = scriptsOf(entries);
  return {
    beforeOnboot: scripts.filter((name) => name < onboot && name < services),
    beforeServices: scripts.filter((name) => name >= onboot && name < services),
    withServices: scripts.filter((name) => name >= services),
  };
}

export function orderEndScripts(entries: readonly DirectoryEntry[]): EndScripts {
  const tasks = placeOf(entries, 'onshutdown') ?? ONSHUTDOWN;
  const scripts = scriptsOf(entries);
  return {
    before: scripts.filter((name) => name < tasks),
    after: scripts.filter((name) => name >= tasks),
  };
}

/** LinuxKit's own rule: the word anywhere in the name. */
function placeOf(entries: readonly DirectoryEntry[], word: string): string | undefined {
  return entries.find(({ name, isService }) => isService && name.includes(word))?.name;
}

function scriptsOf(entries: readonly DirectoryEntry[]): string[] {
  return entries
    .filter(({ isService, isExecutable }) => isExecutable && !isService)
    .map(({ name }) => name)
    .sort();
}
