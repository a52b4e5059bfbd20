/** All components there are. A new one is a folder under components/ and a line here. */
import { join } from 'node:path';
import { recipe as busybox } from '../../components/busybox/recipe.ts';
import { recipe as chrony } from '../../components/chrony/recipe.ts';
import { recipe as containerd } from '../../components/containerd/recipe.ts';
import { recipe as crun } from '../../components/crun/recipe.ts';
import { recipe as ctr } from '../../components/ctr/recipe.ts';
import { recipe as dhcpcd } from '../../components/dhcpcd/recipe.ts';
import { recipe as init } from '../../components/init/recipe.ts';
import { recipe as kernel } from '../../components/kernel/recipe.ts';
import { recipe as linuxkitInit } from '../../components/linuxkit-init/recipe.ts';
import { recipe as nginx } from '../../components/nginx/recipe.ts';
import { recipe as nodeExporter } from '../../components/node-exporter/recipe.ts';
import { recipe as redis } from '../../components/redis/recipe.ts';
import { recipe as runc } from '../../components/runc/recipe.ts';
import { recipe as status } from '../../components/status/recipe.ts';
import { recipe as wireguard } from '../../components/wireguard/recipe.ts';
import type { Recipe } from './recipe.ts';

const RECIPES: readonly Recipe[] = [
  busybox,
  chrony,
  containerd,
  crun,
  ctr,
  dhcpcd,
  init,
  kernel,
  linuxkitInit,
  nginx,
  nodeExporter,
  redis,
  runc,
  status,
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
