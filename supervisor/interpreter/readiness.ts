/**
 * What a program says that it is ready with, where the launch has to give it something for that.
 *
 *   notify   a datagram socket of its own, mounted into the container (sd_notify(3))
 *   fd       the other end of a FIFO, as a descriptor with a number (s6's notification-fd)
 *
 * Both have a name in /run and outlive PID 1's being executed again, with what was said meanwhile. Each run
 * has its own: what is left of an earlier one cannot speak for it.
 */
import { mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BindMount, ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import type { ContainerStdio } from '../../runc-shim/runtime.ts';
import { errnoCode } from '../../sys/errno.ts';
import type { Sys } from '../../sys/sys.ts';
import { readStream, type StreamReader } from '../log/stream-reader.ts';
import { closeOutput } from '../log/outputs.ts';
import type { Readiness } from '../service/policy.ts';
import { watchDatagrams } from '../watch-datagrams.ts';

const RUN_DIR = '/run/ishmael';

/** In the container. Below /dev, which nearly every container has to itself, unlike /run. */
export const NOTIFY_SOCKET = '/dev/ishmael-notify';

/** One unit's; one run at a time. */
export interface ReadinessChannel {
  /** The container, with what it needs to speak. Its program only: nothing before it can be ready. */
  equip(container: ContainerSpec): ContainerSpec;
  /**
   * Listens to a new run. What is returned is given to the runtime, and then closed by the caller. Throws
   * the errno error.
   */
  begin(onReady: () => void): ContainerStdio['extra'];
  /** Goes on listening to a run that an earlier generation of PID 1 has launched. */
  adopt(onReady: () => void): void;
  /** Nothing of the run is left. */
  end(): void;
}

/** What says nothing by itself: it is up as soon as it runs, or as its health check says. */
const SILENT: ReadinessChannel = {
  equip: (container) => container,
  begin: () => undefined,
  adopt: () => undefined,
  end: () => undefined,
};

export interface ChannelOptions {
  /** For tests. */
  readonly runDir?: string;
  /** As in `UnitLogSetup`. */
  readonly whileStanding?: (() => () => void) | undefined;
}

export function readinessChannel(
  sys: Pick<Sys, 'openDatagramSocket' | 'mkfifo' | 'openFifo' | 'haveInput' | 'keptMemory'>,
  id: string,
  readiness: Readiness | undefined,
  { runDir = RUN_DIR, whileStanding }: ChannelOptions = {},
): ReadinessChannel {
  switch (readiness?.kind) {
    case 'notify':
      return notifyChannel(sys, `${runDir}/notify/${id}`);
    case 'fd':
      return fifoChannel(sys, `${runDir}/ready/${id}`, readiness.fd, whileStanding);
    case 'health':
    case undefined:
      return SILENT;
  }
}

function notifyChannel(sys: Pick<Sys, 'openDatagramSocket'>, path: string): ReadinessChannel {
  let close: (() => void) | undefined;

  function end(): void {
    close?.();
    close = undefined;
  }

  /** Read on after that it is ready: a socket that nobody reads makes its writer wait. */
  function listen(onReady: () => void): void {
    let isReady = false;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // For everybody: who can see it is in the container.
    close = watchDatagrams(sys, path, 0o666, (bytes) => {
      if (isReady || !saysReady(bytes)) return;
      isReady = true;
      onReady();
    });
  }

  return {
    equip: (container) => ({
      ...container,
      env: [
        ...container.env.filter((each) => !each.startsWith('NOTIFY_SOCKET=')),
        `NOTIFY_SOCKET=${NOTIFY_SOCKET}`,
      ],
      binds: [...container.binds, bindOf(path)],
    }),
    begin(onReady) {
      end();
      listen(onReady);
      return undefined;
    },
    adopt: listen,
    end,
  };
}

function bindOf(source: string): BindMount {
  return { source, destination: NOTIFY_SOCKET, options: ['rw', 'bind', 'rprivate'] };
}

/** Of all that sd_notify(3) can say, one line to a fact. `STOPPING=1`, `STATUS=…`: nothing follows. */
function saysReady(bytes: Uint8Array): boolean {
  return Buffer.from(bytes).toString('latin1').split('\n').includes('READY=1');
}

function fifoChannel(
  sys: Pick<Sys, 'mkfifo' | 'openFifo' | 'haveInput' | 'keptMemory'>,
  path: string,
  fd: number,
  whileStanding: ChannelOptions['whileStanding'],
): ReadinessChannel {
  let current: StreamReader | undefined;

  function end(): void {
    current?.close();
    current = undefined;
    rmSync(path, { force: true });
  }

  function listen(onReady: () => void): void {
    const reader = readStream(sys, path, {
      onChunk(chunk) {
        if (current !== reader || !chunk.includes('\n')) return;
        // Gone from here on, which tells a next generation that it was heard.
        end();
        onReady();
      },
      ...(whileStanding && { onStanding: whileStanding }),
      // Of a FIFO that we hold open ourselves there is none. The start timer is there for what cannot be.
      onError: () => undefined,
    });
    current = reader;
  }

  return {
    equip: (container) => container,
    begin(onReady) {
      end();
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      sys.mkfifo(path, 0o600);
      listen(onReady);
      // For reading too: it must not break while PID 1 is being executed again.
      return { as: fd, fd: openSync(path, 'r+') };
    },
    adopt(onReady) {
      try {
        listen(onReady);
      } catch (error) {
        if (errnoCode(error) !== 'ENOENT') throw error;
        onReady();
      }
    },
    end,
  };
}

/** Once the runtime has handed it over. */
export function closeExtra(extra: ContainerStdio['extra']): void {
  if (extra !== undefined) closeOutput(extra.fd);
}
