/**
 * The machine we measure ourselves against: the kernel, runc and container images of the example, with
 * busybox as init and rc.sh for everything PID 1 of ours does. Written by the same code as our own
 * image, so that archives, compression and the kernel's work on them are the same.
 *
 * The containers' config.json is what our PID 1 would generate, made here: a script cannot do it, and
 * both machines must run the same containers.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureComponents } from '../../../build/component/ensure-components.ts';
import { compileManifest } from '../../../build/config/compile-manifest.ts';
import { parseConfig } from '../../../build/config/parse-config.ts';
import { resolveImages } from '../../../build/config/resolve-images.ts';
import type { ImageConfigFile } from '../../../build/config/schema.ts';
import type { Image } from '../../../build/image/image-store.ts';
import { openImageStore } from '../../../build/image/oci-layout.ts';
import type { ContainerImage } from '../../../build/output/machine-trees.ts';
import { writeOutputs } from '../../../build/output/write-outputs.ts';
import type { NodeMeta, Tree } from '../../../build/rootfs/tree.ts';
import { CONTAINERD_PLACES, renderContainerdConfig } from '../../../runc-shim/containerd/config.ts';
import type { ContainerSpec } from '../../../runc-shim/oci/container-spec.ts';
import { generateSpec } from '../../../runc-shim/oci/generate.ts';
import { renderSpec } from '../../../runc-shim/oci/render.ts';

const HERE = import.meta.dirname;

/** What the script has and does, after what all of them do first. */
const ENGINES = {
  runc: { images: ['ishmael/busybox', 'ishmael/runc'], start: 'start-by-runc.sh' },
  containerd: {
    images: ['ishmael/busybox', 'ishmael/runc', 'ishmael/containerd', 'ishmael/ctr'],
    start: 'start-by-ctr.sh',
  },
} as const;

export interface BaselineRequest {
  /** The YAML file of our image; its kernel and containers are taken, its `init` is not. */
  readonly file: string;
  readonly dir: string;
  readonly name: string;
  /** Who starts the containers; default: runc. */
  readonly engine?: keyof typeof ENGINES;
  readonly progress: (line: string) => void;
}

/** Writes NAME-kernel, NAME-initrd.img and NAME-cmdline. The same inputs give the same bytes. */
export async function buildBaseline(request: BaselineRequest): Promise<void> {
  const { file, dir, name, engine = 'runc', progress } = request;
  const { images: initImages, start } = ENGINES[engine];
  const { config, places } = parseConfig(file, await readFile(file, 'utf8'));
  if (config === undefined) throw new Error(`Cannot read ${file}: "ishmael build" says why`);
  if (config.onboot.length + config.files.length > 0) {
    throw new Error(`Cannot make a baseline of ${file}: it knows services only`);
  }
  const others = config.services.map(({ image }) => image);
  await ensureComponents([...initImages, config.kernel.image, ...others], { progress });
  const store = openImageStore();
  const { images } = await resolveImages(config, places, store);
  const manifest = compileManifest(config, images, name);
  const kernel = known(images.get(config.kernel.image), config.kernel.image);
  const init: Image[] = [];
  for (const reference of initImages) {
    init.push(known(await store.find(reference), reference));
  }
  const parts = {
    kernel,
    cmdline: config.kernel.cmdline,
    init,
    containers: containerImages(config, images),
    manifest,
    kernelFiles: config.kernel,
    volumes: [],
    files: await baselineFiles(manifest.services, start),
  };
  const context = { store, dir, name, compression: 'best', progress } as const;
  await writeOutputs(['kernel+initrd'], parts, context);
}

function known(image: Image | undefined, reference: string): Image {
  if (image === undefined) throw new Error(`The image ${reference} is missing`);
  return image;
}

function containerImages(
  config: ImageConfigFile,
  images: ReadonlyMap<string, Image>,
): ContainerImage[] {
  const references = new Set(config.services.map(({ image }) => image));
  return [...references].map((reference) => {
    return { image: known(images.get(reference), reference), location: 'services' };
  });
}

const META: NodeMeta = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };

async function baselineFiles(services: readonly ContainerSpec[], start: string): Promise<Tree> {
  const tree: Tree = new Map([['init', { ...META, type: 'symlink', target: '/bin/busybox' }]]);
  const addFile = (path: string, bytes: Uint8Array): void => {
    tree.set(path, { ...META, type: 'file', data: { kind: 'bytes', bytes } });
  };
  const script = [await readFile(join(HERE, 'rc.sh')), await readFile(join(HERE, start))];
  addFile('etc/rc', Buffer.concat(script));
  addFile('etc/containerd.toml', Buffer.from(renderContainerdConfig(CONTAINERD_PLACES)));
  addFile('etc/inittab', await readFile(join(HERE, 'inittab')));
  addFile('etc/fstab', await readFile(join(HERE, 'fstab')));
  tree.set('bundles', { ...META, type: 'directory' });
  for (const container of services) {
    const bundle = `bundles/${container.name}`;
    for (const path of ['', '/rootfs', '/upper', '/work']) {
      tree.set(`${bundle}${path}`, { ...META, type: 'directory' });
    }
    const spec = generateSpec(container, {
      cgroupsPath: `/services/${container.name}`,
      rootfsPath: `/${bundle}/rootfs`,
    });
    addFile(`${bundle}/config.json`, Buffer.from(renderSpec(spec)));
    addFile(`${bundle}/lower`, Buffer.from(`${container.rootfs}\n`));
  }
  return tree;
}
