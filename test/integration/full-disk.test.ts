import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { asRoot } from '../support/namespaces.ts';

/**
 * In a mount namespace of its own: a 1 MiB disk that holds an old output, and a new one that does not
 * fit.
 */
it('writeWhole() on a full disk leaves the old files whole and nothing new', async () => {
  const writer = join(import.meta.dirname, '../../build/output/write-whole.ts');
  const program = `
    import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
    import { Readable } from 'node:stream';
    import { writeWhole } from '${writer}';
    writeFileSync('/mnt/m-kernel', 'old kernel');
    writeFileSync('/mnt/m-initrd.img', 'old initrd');
    const part = (bytes) => () => Readable.from([Buffer.alloc(bytes)]);
    let code = 'none';
    await writeWhole([
      { path: '/mnt/m-kernel', parts: [part(1000)] },
      { path: '/mnt/m-initrd.img', parts: [part(500_000), part(2_000_000)] },
    ]).catch((error) => (code = error.code));
    const files = Object.fromEntries(
      readdirSync('/mnt').map((name) => [name, readFileSync('/mnt/' + name, 'utf8')]),
    );
    console.log(JSON.stringify({ code, files }));`;
  const script = 'mount -t tmpfs -o size=1M none /mnt && exec "$0" --input-type=module -e "$1"';
  const args = ['--mount', 'sh', '-c', script, process.execPath, program];
  const { stdout } = await promisify(execFile)(...asRoot('unshare', args), { timeout: 30_000 });
  expect(JSON.parse(stdout)).toEqual({
    code: 'ENOSPC',
    files: { 'm-kernel': 'old kernel', 'm-initrd.img': 'old initrd' },
  });
});
