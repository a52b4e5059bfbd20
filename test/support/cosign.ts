/** The real cosign, from Debian 13 whatever Debian this is: unpacked once, kept in the cache. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheDir } from '../../build/cache-dir.ts';
import { aptState } from '../../build/component/apt-state.ts';
import { resolvePackages } from '../../build/component/resolve-packages.ts';
import { unpackPackages } from '../../build/component/unpack-packages.ts';
import { withFileLock } from '../../build/file-lock.ts';
import { readFileData } from '../../build/rootfs/file-data.ts';

// Written in Go: of libraries it asks for libc alone, and any of the last years will do.
const WANTED = { name: 'cosign', packages: ['cosign'], assume: ['libc6'] };

/** The path of the program. */
export async function cosignProgram(): Promise<string> {
  return await withFileLock(join(cacheDir(), 'components.lock'), async () => {
    const apt = aptState(join(cacheDir(), 'packages'));
    const options = { progress: () => undefined, refresh: false };
    const [packages = []] = await resolvePackages(apt, [WANTED], options);
    const version = packages.join('-').replaceAll(/[^\w.-]/gu, '_');
    const path = join(cacheDir(), 'test-tools', version, 'cosign');
    if (existsSync(path)) return path;
    const scratch = mkdtempSync(join(tmpdir(), 'ishmael-cosign-'));
    try {
      const tree = await unpackPackages(apt, packages, WANTED.assume, scratch);
      const node = tree.get('usr/bin/cosign');
      if (node?.type !== 'file') throw new Error('the package has no usr/bin/cosign');
      mkdirSync(dirname(path), { recursive: true });
      await writeFile(`${path}.new`, await readFileData(node.data));
      chmodSync(`${path}.new`, 0o755);
      renameSync(`${path}.new`, path);
    } finally {
      rmSync(scratch, { recursive: true });
    }
    return path;
  });
}

/** Makes NAME.key and NAME.pub in a folder. */
export function makeKeyPair(cosign: string, folder: string, name: string): void {
  const args = ['generate-key-pair', `--output-key-prefix=${name}`];
  run(cosign, folder, args);
}

/** Signs as `cosign sign` does for people without a transparency log. */
export function sign(
  cosign: string,
  folder: string,
  name: string,
  image: string,
  ...more: readonly string[]
): void {
  run(cosign, folder, [
    'sign',
    '--yes',
    '--tlog-upload=false',
    '--allow-http-registry',
    '--allow-insecure-registry',
    `--key=${name}.key`,
    ...more,
    image,
  ]);
}

function run(cosign: string, cwd: string, args: readonly string[]): void {
  // A key without a password; nothing is to be asked of the network but the registry.
  const env = { ...process.env, COSIGN_PASSWORD: '', SIGSTORE_NO_CACHE: '1' };
  execFileSync(cosign, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
}
