/**
 * `metadata [--server URL] [--into FOLDER] [SOURCE…]`: the program of the component `ishmael/metadata`. Finds out
 * what the place where the machine runs has to tell it, and lays that out in /run/config.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { errnoCode, errorMessage } from '../../sys/errno.ts';
import { createLinuxSys } from '../../sys/linux/linux-sys.ts';
import { createAsk } from '../metadata/cloud-client.ts';
import { AZURE } from '../metadata/clouds/azure.ts';
import { reportReady, WIRE_SERVER } from '../metadata/clouds/azure-ready.ts';
import { blockDevices, readDisks } from '../metadata/find-disks.ts';
import type { Metadata } from '../metadata/metadata.ts';
import { readSources, wrongSource } from '../metadata/sources.ts';
import { whichCloud } from '../metadata/which-cloud.ts';
import { writeConfig, writeKeys } from '../metadata/write-config.ts';

const USAGE = 'Usage: metadata [--server URL] [--into FOLDER] [SOURCE...]\n';
const CONFIG = '/run/config';
/** gethostname(2): HOST_NAME_MAX; and what may be in one. */
const HOSTNAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,63})$/;

const tell = (text: string): void => void process.stderr.write(`${text}\n`);

/** Exit codes: 0 when it is there, or when nobody has anything to tell; 1 when it could not be had; 2 for wrong usage. */
export async function metadataApplet(args: readonly string[]): Promise<number> {
  const order = parseOrder(args);
  if (typeof order === 'string') {
    tell(order);
    process.stderr.write(USAGE);
    return 2;
  }
  const { into, server, sources } = order;
  try {
    const metadata = await readSources(sources, {
      ask: createAsk(server),
      readDisks: () =>
        readDisks(
          blockDevices().map((name) => `/dev/${name}`),
          tell,
        ),
      cloud: whichCloud(firmwareNames()),
      tell,
    });
    if (metadata === undefined) {
      writeKeys(into, []);
      tell('No disk has the label cidata, and the firmware names no cloud that is known here.');
      return 0;
    }
    writeConfig(into, metadata, tell);
    process.stdout.write(`${metadata.provider}: written to ${into}\n`);
    setHostname(metadata);
    if (metadata.provider === AZURE) await sayReady(server);
    return 0;
  } catch (error) {
    tell(errorMessage(error));
    return 1;
  }
}

/** What there is to know is there: a cloud that is not told goes on all the same. */
async function sayReady(server: string = WIRE_SERVER): Promise<void> {
  try {
    await reportReady(createAsk(server));
    process.stdout.write('Azure is told that the machine is up\n');
  } catch (error) {
    tell(`Azure is not told that the machine is up: ${errorMessage(error)}`);
  }
}

interface Order {
  readonly into: string;
  readonly server: string | undefined;
  readonly sources: readonly string[];
}

/** Or what is wrong. */
function parseOrder(args: readonly string[]): Order | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { server: { type: 'string' }, into: { type: 'string', default: CONFIG } },
      allowPositionals: true,
    });
    const { server, into } = values;
    if (server !== undefined && !/^http:\/\/./.test(server)) return `No http:// address: ${server}`;
    const wrong = positionals.map(wrongSource).find((each) => each !== undefined);
    return wrong ?? { into, server, sources: positionals };
  } catch (error) {
    return errorMessage(error);
  }
}

/** A machine that has no name given is called as its image; the same when it may not be changed. */
function setHostname({ hostname }: Metadata): void {
  if (hostname === undefined) return;
  if (!HOSTNAME.test(hostname)) {
    tell(`No name for a machine: ${JSON.stringify(hostname)}`);
    return;
  }
  try {
    createLinuxSys().sethostname(hostname);
    process.stdout.write(`The machine is called ${hostname}\n`);
  } catch (error) {
    tell(`The machine cannot be called ${hostname}: ${errorMessage(error)}`);
  }
}

function firmwareNames(): Parameters<typeof whichCloud>[0] {
  const dmi = '/sys/class/dmi/id';
  return {
    sys_vendor: readUnlessMissing(`${dmi}/sys_vendor`),
    product_name: readUnlessMissing(`${dmi}/product_name`),
    chassis_asset_tag: readUnlessMissing(`${dmi}/chassis_asset_tag`),
    xen_uuid: readUnlessMissing('/sys/hypervisor/uuid'),
  };
}

function readUnlessMissing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
    return undefined;
  }
}
