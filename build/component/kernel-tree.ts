/**
 * The kernel image: `kernel` (the bzImage) and `kernel.tar` (the chosen modules with what they depend
 * on, uncompressed and indexed), as LinuxKit lays kernel images out; and the device trees of boards whose firmware wants one
 * beside the kernel, as `dtb/VENDOR/BOARD.dtb`.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { runCommand } from '../host-command.ts';
import type { HostTool } from '../host-tools.ts';
import { writeTar } from '../image/layer.ts';
import { readFileData } from '../rootfs/file-data.ts';
import { baseName } from '../rootfs/path.ts';
import type { NodeMeta, Tree } from '../rootfs/tree.ts';
import { chooseModules, moduleName, type ModuleChoice } from './module-closure.ts';
import { RecipeError } from './select.ts';

export const KERNEL_TOOLS: readonly HostTool[] = [
  { command: 'depmod', package: 'kmod', why: 'index kernel modules' },
  { command: 'modinfo', package: 'kmod', why: 'find what kernel modules depend on' },
  { command: 'xz', package: 'xz-utils', why: 'unpack compressed kernel modules' },
];

const META: NodeMeta = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };
/** What the guest loads modules by. The binary twins and symbol tables of depmod serve nobody there. */
const INDEXES = ['modules.dep', 'modules.alias', 'modules.softdep'];
const LOADED = 'usr/lib/modules-load.d/kernel.conf';

/** `packages` is the unpacked Debian kernel; the modules `loaded` are listed for modules-load.d(5). */
export async function kernelTree(
  packages: Tree,
  { modules, loaded }: { readonly modules: readonly string[]; readonly loaded: readonly string[] },
  workDir: string,
): Promise<Tree> {
  const image = [...packages.keys()].find((path) => path.startsWith('boot/vmlinuz-'));
  const kernel = image === undefined ? undefined : packages.get(image);
  if (image === undefined || kernel?.type !== 'file')
    throw new RecipeError('No kernel to be found');
  const version = image.slice('boot/vmlinuz-'.length);
  const root = `usr/lib/modules/${version}`;

  const base = join(workDir, 'modules');
  const chosen = await chosenModules(packages, root, modules, base);
  await runCommand('xz', ['--decompress', '--quiet', ...chosen], { cwd: base });
  await runCommand('ln', ['-s', 'usr/lib', 'lib'], { cwd: base });
  await runCommand('depmod', ['--basedir', base, version]);

  const files = chosen.map((path) => path.replace(/\.xz$/u, ''));
  if (loaded.length > 0) {
    await mkdir(join(base, dirname(LOADED)), { recursive: true });
    await writeFile(join(base, LOADED), loaded.map((name) => `${name}\n`).join(''));
    files.push(LOADED);
  }
  const archive = await moduleArchive(base, [
    ...files,
    ...INDEXES.map((name) => `${root}/${name}`),
  ]);
  return new Map([
    ['kernel', { ...kernel, ...META }],
    ['kernel.tar', { ...META, type: 'file', data: { kind: 'bytes', bytes: archive } }],
    ...deviceTrees(packages, `usr/lib/linux-image-${version}/`),
  ]);
}

function deviceTrees(packages: Tree, root: string): Tree {
  const trees: Tree = new Map();
  for (const [path, node] of packages) {
    if (node.type !== 'file' || !path.startsWith(root) || !path.endsWith('.dtb')) continue;
    const placed = `dtb/${path.slice(root.length)}`;
    for (let up = dirname(placed); up !== '.'; up = dirname(up)) {
      trees.set(up, { ...META, mode: 0o755, type: 'directory' });
    }
    trees.set(placed, { ...node, ...META });
  }
  return trees;
}

/** Puts the chosen modules and all that they need under `base`; returns their paths there. */
async function chosenModules(
  packages: Tree,
  root: string,
  names: readonly string[],
  base: string,
): Promise<readonly string[]> {
  const available = new Map(
    [...packages.keys()]
      .filter((path) => path.startsWith(`${root}/kernel/`) && path.endsWith('.ko.xz'))
      .map((path) => [moduleName(path), path]),
  );
  const builtin = await builtinModules(packages, root);
  let choice: ModuleChoice = chooseModules(
    { paths: new Set(), ask: [] },
    names,
    available,
    builtin,
  );
  while (choice.ask.length > 0) {
    for (const path of choice.ask) await place(packages, path, base);
    const said = await runCommand('modinfo', ['--field=depends', ...choice.ask], { cwd: base });
    const needed = said
      .toString()
      .split(/[\s,]+/u)
      .filter((name) => name !== '');
    choice = chooseModules(choice, needed, available, builtin);
  }
  for (const name of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
    await place(packages, `${root}/${name}`, base);
  }
  return [...choice.paths].sort();
}

async function builtinModules(packages: Tree, root: string): Promise<ReadonlySet<string>> {
  const node = packages.get(`${root}/modules.builtin`);
  if (node?.type !== 'file') throw new RecipeError(`No ${root}/modules.builtin`);
  const lines = Buffer.from(await readFileData(node.data))
    .toString()
    .split('\n');
  return new Set(lines.filter((line) => line !== '').map(moduleName));
}

async function place(packages: Tree, path: string, base: string): Promise<void> {
  const node = packages.get(path);
  if (node?.type !== 'file')
    throw new RecipeError(`No file ${baseName(path)} in the kernel package`);
  await mkdir(join(base, dirname(path)), { recursive: true });
  await writeFile(join(base, path), await readFileData(node.data));
}

async function moduleArchive(base: string, paths: readonly string[]): Promise<Buffer> {
  const tree: Tree = new Map();
  for (const path of paths) {
    for (let up = dirname(path); up !== '.'; up = dirname(up)) {
      tree.set(up, { ...META, mode: 0o755, type: 'directory' });
    }
    const bytes = await readFile(join(base, path));
    tree.set(path, { ...META, type: 'file', data: { kind: 'bytes', bytes } });
  }
  return await buffer(writeTar(tree));
}
