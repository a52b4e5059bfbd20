/**
 * Azure waits for a new machine to say that it is up, and takes one that does not for failed after a while (Azure documentation,
 * "Creating generalized images without a provisioning agent").
 */
import type { Ask } from '../cloud-client.ts';
import { MetadataError } from '../metadata.ts';

/** The server of the host that Azure's own agent talks to. */
export const WIRE_SERVER = 'http://168.63.129.16';

const GOAL = '/machine?comp=goalstate';
const HEALTH = '/machine?comp=health';
const VERSION = { 'x-ms-version': '2012-11-30' };

/** Rejects with `MetadataError`. */
export async function reportReady(ask: Ask): Promise<void> {
  const goal = (await ask({ path: GOAL, headers: VERSION }))?.toString() ?? '';
  const body = readyReport({
    incarnation: element(goal, 'Incarnation'),
    container: element(goal, 'ContainerId'),
    instance: element(goal, 'InstanceId'),
  });
  const headers = {
    ...VERSION,
    'x-ms-agent-name': 'ishmael',
    'content-type': 'text/xml;charset=utf-8',
  };
  const answer = await ask({ method: 'POST', path: HEALTH, headers, body });
  if (answer === undefined) throw new MetadataError(`${HEALTH}: there is nobody to report to`);
}

interface Goal {
  readonly incarnation: string;
  readonly container: string;
  readonly instance: string;
}

function readyReport({ incarnation, container, instance }: Goal): string {
  const health = '<Health><State>Ready</State></Health>';
  const role = `<Role><InstanceId>${instance}</InstanceId>${health}</Role>`;
  const place = `<ContainerId>${container}</ContainerId><RoleInstanceList>${role}</RoleInstanceList>`;
  return (
    '<?xml version="1.0" encoding="utf-8"?><Health>' +
    `<GoalStateIncarnation>${incarnation}</GoalStateIncarnation><Container>${place}</Container></Health>`
  );
}

/** Names and numbers only, of which nothing is to be unescaped, and the first of them: there is one machine in it. */
function element(document: string, name: string): string {
  const found = new RegExp(`<${name}>([A-Za-z0-9_.-]+)</${name}>`, 'u').exec(document)?.[1];
  if (found === undefined) throw new MetadataError(`${GOAL}: no ${name}`);
  return found;
}
