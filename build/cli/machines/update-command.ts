import { resolve } from 'node:path';
import { describeExit } from '../../../sys/exit.ts';
import { openUpdate } from '../../../supervisor/exec/open-exec.ts';
import { UpdateError } from '../../../supervisor/update/slots.ts';
import { printable } from '../../../supervisor/view/printable.ts';
import { type DiskImage, withDiskImage } from '../../update/disk-image.ts';
import { type Command, EXIT_OK } from '../command.ts';
import { parseOptions, readPositionals } from '../parse-options.ts';
import { startProgress } from '../progress.ts';
import { type Guest, withGuest } from './with-guest.ts';

export const updateCommand: Command = {
  name: 'update',
  summary: 'put a new image into the other slot of a machine',
  usage: `Usage: ishmael update NAME IMAGE [options]

Writes IMAGE, a NAME-efi.img that was built with "updates", to the slot that the machine NAME does not run from, and makes it
the one that is booted next. NAME may be that of a machine elsewhere, ssh://[USER@]HOST[:PORT]. The machine goes on with what it runs until it is started again. Then the new image is on
trial: it is booted three times at most, until all essential services have been well for as long as "updates" in its YAML says;
if they never are, the machine boots what it ran before.

Whenever this is interrupted, the machine boots what it runs. What it ran before that is written over.

  --reboot           start the machine again when it is done
  --timeout SECONDS  how long a machine that boots may take to answer (default: 60)

Examples:
  ishmael update redis dist/redis-efi.img --reboot
  ishmael update ssh://root@edge-7 dist/redis-efi.img --reboot
`,
  completes: ['running', 'file'],
  async run(args) {
    const { values, positionals } = parseOptions(args, {
      reboot: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '60' },
    });
    const wanted = ['the NAME of a machine', 'the IMAGE'];
    const [name = '', path = ''] = readPositionals(positionals, wanted);
    const progress = startProgress();
    return withDiskImage(resolve(path), (image) =>
      withGuest(name, values.timeout, async (guest) => {
        const file = await send(guest, image, (bytes) => {
          progress.transfer?.({ name: `${path} to ${name}`, bytes, total: image.bytes });
        }).finally(() => progress.transfer?.(undefined));
        progress(`${file} is booted next`);
        if (values.reboot) await guest.client.post('/v1/reboot');
        return EXIT_OK;
      }),
    );
  },
};

/** The name of the new file, as the machine says it. Rejects with `UpdateError` in the machine's words. */
async function send(
  guest: Guest,
  image: DiskImage,
  onBytes: (count: number) => void,
): Promise<string> {
  const said = { stdout: '', stderr: '' };
  const session = await openUpdate(
    guest.socketPath,
    { update: image.parts },
    {
      stdout: (bytes) => void (said.stdout += Buffer.from(bytes).toString()),
      stderr: (bytes) => void (said.stderr += Buffer.from(bytes).toString()),
    },
  );
  let isOver = false;
  const ended = session.end.finally(() => (isOver = true));
  ended.catch(() => {});
  let sent = 0;
  for await (const piece of image.read()) {
    if (isOver) break;
    await session.write(piece);
    onBytes((sent += piece.length));
  }
  session.endInput();
  const end = await ended;
  if (end.kind === 'exited' && end.code === 0) return said.stdout.trim();
  const why = end.kind === 'refused' ? end.message : said.stderr.trim() || describeExit(end);
  throw new UpdateError(`${guest.name}: ${printable(why)}`);
}
