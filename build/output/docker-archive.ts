/**
 * The output format docker: the root as an image that `docker load` and skopeo read, without a kernel.
 * For looking at a root, and for running it where there is a kernel already.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileDigest } from '../binary/file-digest.ts';
import { writeTar } from '../image/layer.ts';
import { renderConfig } from '../image/oci-format.ts';
import type { FileData, NodeMeta, Tree, TreeNode } from '../rootfs/tree.ts';
import type { MachineParts } from './machine-trees.ts';
import type { OutputContext } from './output-context.ts';
import { archiveOf, machineSections, rootSections } from './tar-image.ts';
import { type OutputFile, outputFile, writeWhole } from './write-whole.ts';

const CONFIG = {
  entrypoint: ['/init'],
  cmd: [],
  env: [],
  workingDir: '',
  stopSignal: '',
  labels: {},
};

export async function dockerFiles(
  parts: MachineParts,
  context: OutputContext,
): Promise<readonly OutputFile[]> {
  const sections = [...(await rootSections(parts, context)), ...machineSections(parts)];
  const layer = join(context.scratch, 'layer.tar');
  await writeWhole([{ path: layer, parts: [() => archiveOf(sections)] }]);
  const { size } = await stat(layer);
  const hex = await fileDigest(layer, context.scratch);
  const config = Buffer.from(renderConfig(CONFIG, [`sha256:${hex}`], context.store.architecture));
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  const layerName = `${hex}/layer.tar`;
  const manifest = [
    { Config: configName, RepoTags: [`${context.name.toLowerCase()}:latest`], Layers: [layerName] },
  ];
  const tree: Tree = new Map([
    [configName, file({ kind: 'bytes', bytes: config })],
    [hex, { ...META, mode: 0o755, type: 'directory' }],
    [layerName, file({ kind: 'host-file', path: layer, size })],
    ['manifest.json', file({ kind: 'bytes', bytes: Buffer.from(JSON.stringify(manifest)) })],
  ]);
  return [outputFile(context, '-docker.tar', [() => writeTar(tree)])];
}

const META: NodeMeta = { mode: 0o644, uid: 0, gid: 0, mtime: 0 };

function file(data: FileData): TreeNode {
  return { ...META, type: 'file', data };
}
