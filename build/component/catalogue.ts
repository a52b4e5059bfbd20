/** All components there are. A new one is a folder under components/ and a line here. */
import { join } from 'node:path';
import { recipe as binfmt } from '../../components/binfmt/recipe.ts';
import { recipe as busybox } from '../../components/busybox/recipe.ts';
import { recipe as caCertificates } from '../../components/ca-certificates/recipe.ts';
import { recipe as chrony } from '../../components/chrony/recipe.ts';
import { recipe as containerd } from '../../components/containerd/recipe.ts';
import { recipe as crun } from '../../components/crun/recipe.ts';
import { recipe as ctr } from '../../components/ctr/recipe.ts';
import { recipe as dhcpcd } from '../../components/dhcpcd/recipe.ts';
import { recipe as dmCrypt } from '../../components/dm-crypt/recipe.ts';
import { recipe as docker } from '../../components/docker/recipe.ts';
import { recipe as etcd } from '../../components/etcd/recipe.ts';
import { recipe as extend } from '../../components/extend/recipe.ts';
import { recipe as format } from '../../components/format/recipe.ts';
import { recipe as getty } from '../../components/getty/recipe.ts';
import { recipe as init } from '../../components/init/recipe.ts';
import { recipe as initrd } from '../../components/initrd/recipe.ts';
import { recipe as kernel } from '../../components/kernel/recipe.ts';
import { recipe as kernelGeneric } from '../../components/kernel-generic/recipe.ts';
import { recipe as linuxkitInit } from '../../components/linuxkit-init/recipe.ts';
import { recipe as losetup } from '../../components/losetup/recipe.ts';
import { recipe as metadata } from '../../components/metadata/recipe.ts';
import { recipe as modprobe } from '../../components/modprobe/recipe.ts';
import { recipe as mount } from '../../components/mount/recipe.ts';
import { recipe as nftables } from '../../components/nftables/recipe.ts';
import { recipe as nginx } from '../../components/nginx/recipe.ts';
import { recipe as nodeExporter } from '../../components/node-exporter/recipe.ts';
import { recipe as postgres } from '../../components/postgres/recipe.ts';
import { recipe as prometheus } from '../../components/prometheus/recipe.ts';
import { recipe as qemuGuestAgent } from '../../components/qemu-guest-agent/recipe.ts';
import { recipe as raspiFirmware } from '../../components/raspi-firmware/recipe.ts';
import { recipe as redis } from '../../components/redis/recipe.ts';
import { recipe as rngd } from '../../components/rngd/recipe.ts';
import { recipe as runc } from '../../components/runc/recipe.ts';
import { recipe as sshd } from '../../components/sshd/recipe.ts';
import { recipe as status } from '../../components/status/recipe.ts';
import { recipe as swap } from '../../components/swap/recipe.ts';
import { recipe as sysctl } from '../../components/sysctl/recipe.ts';
import { recipe as syslinux } from '../../components/syslinux/recipe.ts';
import { recipe as systemdBoot } from '../../components/systemd-boot/recipe.ts';
import { recipe as volume } from '../../components/volume/recipe.ts';
import { recipe as volumeFull } from '../../components/volume-full/recipe.ts';
import { recipe as wireguard } from '../../components/wireguard/recipe.ts';
import type { Recipe } from './recipe.ts';

const RECIPES: readonly Recipe[] = [
  binfmt,
  busybox,
  caCertificates,
  chrony,
  containerd,
  crun,
  ctr,
  dhcpcd,
  dmCrypt,
  docker,
  etcd,
  extend,
  format,
  getty,
  init,
  initrd,
  kernel,
  kernelGeneric,
  linuxkitInit,
  losetup,
  metadata,
  modprobe,
  mount,
  nftables,
  nginx,
  nodeExporter,
  postgres,
  prometheus,
  qemuGuestAgent,
  raspiFirmware,
  redis,
  rngd,
  runc,
  sshd,
  status,
  swap,
  sysctl,
  syslinux,
  systemdBoot,
  volume,
  volumeFull,
  wireguard,
];

/** The recipe of `ishmael/NAME` or `ishmael/NAME:latest`; `undefined` for anybody else's image. */
export function findRecipe(reference: string): Recipe | undefined {
  return RECIPES.find(({ name }) => {
    const image = componentReference(name);
    return reference === image || reference === `${image}:latest`;
  });
}

export function componentReference(name: string): string {
  return `ishmael/${name}`;
}

/** Where the files beside a recipe are. */
export function recipeFolder(name: string): string {
  return join(import.meta.dirname, '..', '..', 'components', name);
}
