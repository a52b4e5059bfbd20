import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { carryOutput } from '../../../../supervisor/exec/carry-output.ts';
import { createFrameSplitter } from '../../../../supervisor/exec/frame.ts';

function carried(connection: PassThrough, limits: { stallMs: number; onStall: () => void }) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const outputs = [
    { name: 'stdout', stream: stdout },
    { name: 'stderr', stream: stderr },
  ] as const;
  return { stdout, stderr, ended: carryOutput({ outputs }, connection, limits) };
}

it('carryOutput() sends both outputs in frames, and has ended when they have', async () => {
  const connection = new PassThrough();
  const sent: Buffer[] = [];
  connection.on('data', (chunk: Buffer) => void sent.push(chunk));
  const { stdout, stderr, ended } = carried(connection, { stallMs: 60_000, onStall() {} });
  stdout.end('out');
  stderr.end('err');
  await ended();
  const frames = createFrameSplitter()(Buffer.concat(sent));
  expect(frames.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])).toEqual([
    ['stdout', 'out'],
    ['stderr', 'err'],
  ]);
});

it('carryOutput() reads no further than the client does, and tells of one that does not read', async () => {
  const connection = new PassThrough({ highWaterMark: 1_000 });
  const stalled = Promise.withResolvers<void>();
  const { stdout } = carried(connection, { stallMs: 1, onStall: stalled.resolve });
  for (let count = 0; count < 100; count += 1) stdout.write(Buffer.alloc(1_000));
  await stalled.promise;
  expect(stdout.isPaused()).toBe(true);
  // Of 100,000 bytes: what fits, and what was on its way.
  expect(connection.readableLength + connection.writableLength).toBeLessThan(5_000);
});
