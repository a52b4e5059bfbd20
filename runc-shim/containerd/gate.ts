/**
 * Whether containerd answers: what every use of it goes through first. One question at a time, however many
 * wait for its answer.
 */
import type { ContainerdClient } from './client.ts';
import { GrpcError, hasGrpcCode } from './grpc-error.ts';

/** Of the same API as those we have met, 1.6 and 1.7. */
const KNOWN_MAJOR = '1';

const ASK_AGAIN_MS = 25;
const ANSWER_MS = 5_000;

export interface ContainerdGate {
  /**
   * Resolves with its version once it answers. Throws `GrpcError`: `deadline-exceeded` or `cancelled` when that
   * takes too long, at once when what answers is no containerd, or one that is not known here.
   */
  pass(limits: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<string>;
}

export function createContainerdGate(client: Pick<ContainerdClient, 'version'>): ContainerdGate {
  let asking: Promise<string | undefined> | undefined;

  /** `undefined` when nobody is there, and it is time to ask again. */
  async function ask(): Promise<string | undefined> {
    try {
      return known(await client.version({ timeoutMs: ANSWER_MS }));
    } catch (error) {
      if (!hasGrpcCode(error, 'unavailable', 'deadline-exceeded')) throw error;
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
      return undefined;
    }
  }

  function askOnce(): Promise<string | undefined> {
    asking ??= ask().finally(() => (asking = undefined));
    return asking;
  }

  return {
    async pass({ timeoutMs, signal }) {
      const overMs = performance.now() + timeoutMs;
      for (;;) {
        if (signal?.aborted === true) throw refusal('cancelled', 'given up before it answered');
        const version = await askOnce();
        if (version !== undefined) return version;
        if (performance.now() > overMs) {
          throw refusal('deadline-exceeded', `no answer within ${timeoutMs} ms`);
        }
      }
    },
  };
}

function known(version: string): string {
  if (version.replace(/^v/, '').split('.', 1)[0] === KNOWN_MAJOR) return version;
  throw refusal('unimplemented', `version ${version} is not known here, only ${KNOWN_MAJOR}.x`);
}

function refusal(code: GrpcError['code'], what: string): GrpcError {
  return new GrpcError(
    code,
    'containerd.services.version.v1.Version/Version',
    `containerd: ${what}`,
  );
}
