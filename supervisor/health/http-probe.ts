/**
 * One HTTP request of a health check. The server is whatever the image has: it may answer with anything,
 * slowly, without end or not at all. What is kept of it has a limit (Node's own for headers, 16 KiB), and
 * the connection ends with the answer of the probe.
 */
import { type ClientRequest, type IncomingMessage, request, STATUS_CODES } from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import type { ProbeOutcome } from '../interpreter/launcher.ts';
import { describeSpan } from '../service/describe.ts';
import { PROBE_OUTPUT_BYTES } from '../service/health.ts';

/** Why a service is not well stands in what it says; it has this long to say it. */
const BODY_MS = 1_000;

export interface HttpQuestion {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** Whatever happens the socket is gone afterwards. */
export async function probeHttp(
  socket: Socket,
  { host, port, path }: HttpQuestion,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  const deadlineMs = performance.now() + timeoutMs;
  // A destroyed request tells of nothing any more, its socket may.
  socket.on('error', () => undefined);
  try {
    const name = isIPv6(host) ? `[${host}]` : host;
    const headers = { host: `${name}:${port}`, 'user-agent': 'ishmael', connection: 'close' };
    const asked = request({ createConnection: () => socket, host, port, path, headers });
    const response = await responseTo(asked, timeoutMs);
    const status = response.statusCode ?? 0;
    const line = `${status} ${response.statusMessage ?? STATUS_CODES[status] ?? ''}`.trim();
    if (status >= 200 && status < 400) return { passed: true, output: line };
    const left = Math.max(0, deadlineMs - performance.now());
    const body = await bodyOf(response, Math.min(BODY_MS, left));
    return { passed: false, output: body === '' ? line : `${line}: ${body}` };
  } catch (error) {
    return { passed: false, output: errnoCode(error) ?? errorMessage(error) };
  } finally {
    socket.destroy();
  }
}

function responseTo(asked: ClientRequest, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`no answer within ${describeSpan(timeoutMs)}`));
    const timer = setTimeout(late, timeoutMs);
    asked.once('response', (response) => {
      clearTimeout(timer);
      // It is cut off in the middle as a rule.
      response.on('error', () => undefined);
      resolve(response);
    });
    asked.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    asked.end();
  });
}

/** The beginning of it, which may be all that comes in time. */
function bodyOf(response: IncomingMessage, timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (): void => {
      clearTimeout(timer);
      response.pause();
      resolve(Buffer.concat(chunks).toString('utf8', 0, PROBE_OUTPUT_BYTES).trim());
    };
    const timer = setTimeout(settle, timeoutMs);
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= PROBE_OUTPUT_BYTES) settle();
    });
    response.once('end', settle);
    response.on('error', settle);
  });
}
