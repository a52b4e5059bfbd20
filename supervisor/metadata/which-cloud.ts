/** Which cloud a machine is in, by what its firmware says. Pure. */

/** Files of /sys/class/dmi/id, without the line feed; those that are missing are absent. */
export interface FirmwareNames {
  readonly sys_vendor?: string | undefined;
  readonly product_name?: string | undefined;
  readonly chassis_asset_tag?: string | undefined;
  /** Xen's, for machines of Amazon's from before 2017 (/sys/hypervisor/uuid). */
  readonly xen_uuid?: string | undefined;
}

/** On every machine of Azure's, and no other of Microsoft's virtual machines. */
const AZURE_ASSET_TAG = '7783-7084-3265-9085-8269-3286-77';

const SIGNS: readonly (readonly [cloud: string, is: (names: FirmwareNames) => boolean])[] = [
  ['aws', ({ sys_vendor, xen_uuid }) => sys_vendor === 'Amazon EC2' || isEc2(xen_uuid)],
  ['gcp', ({ product_name }) => product_name === 'Google Compute Engine'],
  ['azure', ({ chassis_asset_tag }) => chassis_asset_tag === AZURE_ASSET_TAG],
  ['openstack', ({ product_name }) => product_name?.startsWith('OpenStack ') === true],
  ['digitalocean', ({ sys_vendor }) => sys_vendor === 'DigitalOcean'],
  ['hetzner', ({ sys_vendor }) => sys_vendor === 'Hetzner'],
];

export function whichCloud(names: FirmwareNames): string | undefined {
  return SIGNS.find(([, is]) => is(names))?.[0];
}

function isEc2(uuid: string | undefined): boolean {
  return uuid?.toLowerCase().startsWith('ec2') === true;
}
