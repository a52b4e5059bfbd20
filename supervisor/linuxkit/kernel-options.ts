/** LinuxKit's own options on the kernel's command line. Pure. */
const NOT_FOLLOWED: ReadonlyMap<string, string> = new Map([
  [
    'linuxkit.unified_cgroup_hierarchy=0',
    'there is cgroup v2 only: containers that look for the v1 hierarchies do not find them',
  ],
  [
    'linuxkit.runc_debug=1',
    'not needed: what the runtime says of a failure is in the events, and in "why NAME"',
  ],
  [
    'linuxkit.runc_console=1',
    'not followed: what a container writes is in its log, and "logs -f NAME" of the console shows it',
  ],
]);

/** What asks for what is done anyhow. */
const MEANT_ANYHOW: readonly string[] = [
  'linuxkit.unified_cgroup_hierarchy=1',
  'linuxkit.runc_debug=0',
  'linuxkit.runc_console=0',
];

/** Those that are not followed, and why. */
export function kernelOptionWarnings(cmdline: string): readonly string[] {
  return cmdline
    .split(/\s+/)
    .filter((word) => word.startsWith('linuxkit.') && !MEANT_ANYHOW.includes(word))
    .map((word) => `${word}: ${NOT_FOLLOWED.get(word) ?? 'there is no such option'}`);
}
