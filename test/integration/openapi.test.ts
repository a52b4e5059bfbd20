/** Answers of a real server, about this machine, are what docs/openapi.yaml says. */
import { beforeAll, expect, it } from 'vitest';
import { connectOverUnixSocket, ControlError } from '../../supervisor/control/client.ts';
import { ROUTES } from '../../supervisor/control/route.ts';
import { type ControlChild, startControlChild } from '../support/control-load.ts';
import { wrongIn } from '../support/openapi.ts';

/** The logs of kernel and PID 1 are made elsewhere, and have the shape of the others. */
const STREAMS = ['/v1/events', '/v1/event-loop', '/v1/services/{id}/logs', '/v1/logs'];

let child: ControlChild;

beforeAll(async () => {
  child = await startControlChild(2);
  return () => child.stop();
});

const asked = ROUTES.filter(({ method }) => method === 'GET')
  .map(({ path }) => path)
  .filter((path) => !path.startsWith('/v1/logs/'));

it.each(asked.filter((path) => !STREAMS.includes(path)))('GET %s', async (path) => {
  const client = connectOverUnixSocket(child.socketPath);
  try {
    const body = await client.get(path.replace('{id}', 'service-0'));
    expect(wrongIn(path, body)).toEqual([]);
  } catch (error) {
    // No crash, no bill of materials, no manifest, no health check, and no cgroup of its own here.
    expect(error).toBeInstanceOf(ControlError);
    expect([path, (error as ControlError).code]).toEqual([
      expect.stringMatching(/crash|sbom|config|health|usage$/),
      'not-found',
    ]);
  }
});

it.each(STREAMS)('GET %s, one line', async (path) => {
  const client = connectOverUnixSocket(child.socketPath);
  const enough = new AbortController();
  const wrong: string[][] = [];
  const url = `${path.replace('{id}', 'service-0')}?follow=1`;
  await client.stream(
    url,
    (line) => {
      wrong.push(wrongIn(path, line));
      enough.abort();
    },
    enough.signal,
  );
  expect(wrong[0]).toEqual([]);
});
