/** One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)), with the escapes of its paths undone. */
export interface MountEntry {
  readonly root: string;
  readonly target: string;
  readonly options: readonly string[];
  readonly fstype: string;
  readonly source: string;
}

/** The mounts in the kernel's order: later ones lie above earlier ones. Lines it cannot read are left out. */
export function parseMountinfo(text: string): MountEntry[] {
  return text.split('\n').flatMap((line) => {
    // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
    const [before, after] = line.split(' - ', 2);
    const [, , , root, target, options] = before?.split(' ') ?? [];
    const [fstype, source] = after?.split(' ') ?? [];
    if (root === undefined || target === undefined || options === undefined) return [];
    if (fstype === undefined || source === undefined) return [];
    return [
      {
        root: unescape(root),
        target: unescape(target),
        options: options.split(','),
        fstype,
        source: unescape(source),
      },
    ];
  });
}

/** The kernel writes space, tab, newline and backslash as octal (seq_path_root). */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
