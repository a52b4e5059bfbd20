// A program of its own: puts a CommonJS file into a copy of Node with the function behind `pkg --sea`.
// A program, because that function changes the working directory and prints. Argument: one PkgJob as JSON.
//
// Why pkg and not `node --build-sea`, measured with Node 26.10 on the same file: start to first line
// (29 and 28 ms natively, medians of 40), RssAnon and RssFile are equal; but --build-sea leaves no room
// for the program header that trimming needs (punch-hole.ts), and moves the table behind the hole.
// pkg's SEA mode puts no code of its own in front of ours.

import childProcess from 'node:child_process';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

export interface PkgJob {
  /** The stripped Node; it also makes the code cache. */
  readonly node: string;
  /** Runs here in the place of `node`, which is then one for arm64 and gets no code cache. */
  readonly runner?: string;
  /** Absolute. The name that stack traces show is this one's last part. */
  readonly script: string;
  readonly output: string;
  /** Built into the binary. */
  readonly execArgv: readonly string[];
  /** For the Node that makes the code cache. */
  readonly cacheFlags: readonly string[];
}

type Sea = (entry: string, options: object) => Promise<void>;

/**
 * pkg starts the Node that makes the code cache without flags, and NODE_OPTIONS does not take the one
 * that makes the cache the same every time. So its way to start a program is wrapped before it loads.
 * The same way leads to the Node that can run here.
 */
function passFlagsToChildren({ cacheFlags: flags, node, runner = node }: PkgJob): void {
  const start = promisify(childProcess.execFile);
  const withFlags = (file: string, args: readonly string[]): Promise<unknown> =>
    start(file === node ? runner : file, [...flags, ...args]);
  // pkg uses the promise form only; anything else it might come to do fails at once and loudly.
  const notUsed = (): never => {
    throw new Error('pkg called execFile in a way that this file does not know');
  };
  childProcess.execFile = Object.assign(notUsed, { [promisify.custom]: withFlags }) as never;
}

async function main(job: PkgJob): Promise<void> {
  passFlagsToChildren(job);
  const arch = job.runner === undefined ? 'x64' : 'arm64';
  const require = createRequire(import.meta.url);
  const { default: sea } = require('@yao-pkg/pkg/lib-es5/sea.js') as { default: Sea };
  await sea(job.script, {
    nodePath: job.node,
    targets: [{ platform: 'linux', arch, nodeRange: 'node26', output: job.output }],
    seaConfig: {
      // The path becomes part of the binary. pkg's own would be absolute and so different on every
      // machine; it runs the generator in a fresh directory below TMPDIR.
      main: join('..', basename(job.script)),
      useCodeCache: job.runner === undefined,
      execArgv: job.execArgv,
      execArgvExtension: 'none',
    },
  });
}

await main(JSON.parse(process.argv[2] ?? '') as PkgJob);
