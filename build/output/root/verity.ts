/** A root with the tree of its hashes behind it, by veritysetup(8): a block that is not what was built cannot be read. */
import { stat, truncate } from 'node:fs/promises';
import { runCommand } from '../../host-command.ts';
import type { HostTool } from '../../host-tools.ts';

export const VERITYSETUP: HostTool = {
  command: 'veritysetup',
  package: 'cryptsetup-bin',
  why: 'make the hashes of a verified root',
};

export interface Verity {
  /** Of the root itself, of 4 KiB; the tree of the hashes begins behind them. */
  readonly blocks: number;
  /** Hexadecimal. */
  readonly salt: string;
  /** Hexadecimal; whoever knows it knows the whole root. */
  readonly rootHash: string;
}

const BLOCK = 4096;

/** Writes the hashes behind the file system. @param digest of the contents, in hexadecimal: same contents, same hashes */
export async function addVerity(image: string, digest: string): Promise<Verity> {
  const { size } = await stat(image);
  const blocks = Math.ceil(size / BLOCK);
  await truncate(image, blocks * BLOCK);
  const salt = digest.slice(0, 64);
  const said = await runCommand('veritysetup', [
    'format',
    // What it would say is in the initrd: nothing that is not verified is looked at.
    '--no-superblock',
    `--hash-offset=${blocks * BLOCK}`,
    `--data-blocks=${blocks}`,
    `--salt=${salt}`,
    image,
    image,
  ]);
  const [, rootHash] = /^Root hash:\s*([0-9a-f]{64})$/mu.exec(said.toString()) ?? [];
  if (rootHash === undefined) throw new Error(`veritysetup told no root hash: ${said.toString()}`);
  return { blocks, salt, rootHash };
}
