/**
 * An image from a Dockerfile, by whichever tool this machine has: buildah, which needs no daemon and can
 * leave the time out of what it makes, or Docker. What they make goes through the same door as any import.
 */
import { createHash, randomUUID } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errnoCode } from '../../sys/errno.ts';
import { CommandError, runCommand } from '../host-command.ts';
import { findTool, type HostTool, MissingToolError } from '../host-tools.ts';
import type { DockerfileSource } from './image-source.ts';
import { ImageSourceError } from './image-source-error.ts';
import type { Image } from './image-store.ts';
import { importImage } from './import-image.ts';
import { toolSettings } from './skopeo.ts';

const BUILDAH: HostTool = {
  command: 'buildah',
  package: 'buildah',
  why: 'build images from Dockerfiles (Docker will do as well)',
};

export interface DockerfileBuild {
  readonly store: string;
  readonly architecture: string;
  readonly from: DockerfileSource;
  readonly name: string;
  readonly source: string;
  readonly stamp: string;
  /** Ask for newer base images. */
  readonly refresh: boolean;
  readonly progress: (line: string) => void;
}

/** Rejects with `ImageSourceError` (with what the build said last) or `MissingToolError`. */
export async function buildDockerfile(build: DockerfileBuild): Promise<Image> {
  const { store, architecture, name, source, stamp, progress } = build;
  const tag = `localhost/ishmael-build:${randomUUID()}`;
  const tool = await chooseTool();
  progress(`building ${source} with ${tool.command}`);
  await run(tool.command, tool.build(build, tag), build);
  try {
    const from = { kind: 'engine', transport: tool.transport, name: tag } as const;
    return await importImage({ store, architecture, from, name, source, stamp });
  } finally {
    // The layers stay in the tool's own cache; only our name for them goes.
    await run(tool.command, tool.remove(tag), build);
  }
}

/** What changes whenever a file of the context does, or what is asked of it. */
export async function contextStamp(from: DockerfileSource, source: string): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(from));
  try {
    const names = await readdir(from.context, { recursive: true });
    for (const name of names.sort()) {
      const { size, mode, mtimeMs } = await lstat(join(from.context, name));
      hash.update(`${name}\0${size} ${mode} ${mtimeMs}\n`);
    }
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT' && errnoCode(error) !== 'ENOTDIR') throw error;
    const why = `there is no folder ${from.context}`;
    throw new ImageSourceError('not-found', source, why, { cause: error });
  }
  return hash.digest('hex');
}

interface BuildTool {
  readonly command: string;
  readonly transport: 'containers-storage' | 'docker-daemon';
  build(build: DockerfileBuild, tag: string): readonly string[];
  remove(tag: string): readonly string[];
}

const TOOLS: readonly BuildTool[] = [
  {
    command: 'buildah',
    transport: 'containers-storage',
    build: (build, tag) => [
      'build',
      '--layers',
      // The same files make the same image on any day.
      '--timestamp=0',
      `--platform=linux/${build.architecture}`,
      ...(build.refresh ? ['--pull-always'] : []),
      ...commonArgs(build, tag),
    ],
    remove: (tag) => ['rmi', tag],
  },
  {
    command: 'docker',
    transport: 'docker-daemon',
    build: (build, tag) => [
      'build',
      `--platform=linux/${build.architecture}`,
      ...(build.refresh ? ['--pull'] : []),
      ...commonArgs(build, tag),
    ],
    remove: (tag) => ['rmi', tag],
  },
];

function commonArgs({ from }: DockerfileBuild, tag: string): readonly string[] {
  const args = Object.entries(from.args ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    `--tag=${tag}`,
    ...(from.file === undefined ? [] : [`--file=${join(resolve(from.context), from.file)}`]),
    ...(from.target === undefined ? [] : [`--target=${from.target}`]),
    ...args.flatMap((arg) => ['--build-arg', arg]),
    resolve(from.context),
  ];
}

async function chooseTool(): Promise<BuildTool> {
  for (const tool of TOOLS) if ((await findTool(tool.command)) !== undefined) return tool;
  throw new MissingToolError([BUILDAH]);
}

async function run(
  command: string,
  args: readonly string[],
  { source }: DockerfileBuild,
): Promise<void> {
  try {
    await runCommand(command, args, { env: toolSettings() });
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    throw new ImageSourceError('failed', source, cause.message, { cause });
  }
}
