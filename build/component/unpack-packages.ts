/**
 * Debian packages as a tree, through mmdebstrap. Exact versions against our own package lists, so that
 * what is unpacked is what the image's key says. Neither root nor network configuration is needed.
 */
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../host-command.ts';
import type { HostTool } from '../host-tools.ts';
import { readTar } from '../image/layer.ts';
import type { Tree } from '../rootfs/tree.ts';
import { renderStatus, type AptState } from './apt-state.ts';
import { SUITE } from './debian-mirror.ts';

export const UNPACK_TOOLS: readonly HostTool[] = [
  { command: 'mmdebstrap', package: 'mmdebstrap', why: 'unpack Debian packages' },
];

// Runs before mmdebstrap asks apt; $1 is its root. The lists are ours already (--skip=update).
const SETUP_HOOK = `
mkdir -p "$1/var/lib/apt/lists" &&
cp "$ISHMAEL_LISTS"/*_InRelease "$ISHMAEL_LISTS"/*_Packages "$1/var/lib/apt/lists/" &&
cp "$ISHMAEL_STATUS" "$1/var/lib/dpkg/status"`;

/**
 * The files of exactly these packages (`package=version`); `assume` completes their dependencies.
 * `workDir` keeps the contents that the tree points at; while this runs it has what is downloaded, too.
 */
export async function unpackPackages(
  apt: AptState,
  packages: readonly string[],
  assume: readonly string[],
  workDir: string,
): Promise<Tree> {
  const archive = join(workDir, 'packages.tar');
  const status = join(workDir, 'status');
  await writeFile(status, renderStatus(assume));
  await runCommand(
    'mmdebstrap',
    [
      '--quiet',
      '--variant=extract',
      // Extracting configures nothing, so no chroot is needed, and no root for one.
      '--mode=chrootless',
      '--skip=check/chrootless,check/qemu,update',
      `--architectures=${apt.architecture}`,
      `--include=${packages.join(',')}`,
      `--setup-hook=${SETUP_HOOK}`,
      '--format=tar',
      SUITE,
      archive,
      '-',
    ],
    {
      stdin: await readFile(apt.sourcesFile, 'utf8'),
      env: { ISHMAEL_LISTS: apt.lists, ISHMAEL_STATUS: status, TMPDIR: workDir },
      timeoutMs: 600_000,
    },
  );
  const source = createReadStream(archive, { highWaterMark: 1 << 20 });
  return await readTar(source, join(workDir, 'packages.data'));
}
