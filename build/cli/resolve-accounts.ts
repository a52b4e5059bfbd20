/**
 * Whom the `User` of each image means, from the files of the image itself. Only images that name one are
 * looked into.
 */
import { CONTAINER_SECTIONS } from '../config/all-containers.ts';
import { type Diagnostic, sortDiagnostics } from '../config/diagnostics.ts';
import { labelSettings } from '../config/image-label.ts';
import { type Account, findAccount } from '../config/image-user.ts';
import type { Places } from '../config/places.ts';
import type { ImageConfigFile } from '../config/schema.ts';
import type { Image, ImageStore } from '../image/image-store.ts';
import { readText } from '../rootfs/read-text.ts';

export interface ResolvedAccounts {
  /** By the image's reference. */
  readonly accounts: ReadonlyMap<string, Account>;
  readonly diagnostics: readonly Diagnostic[];
}

/** @param images every image of the configuration, their labels checked */
export async function resolveAccounts(
  config: ImageConfigFile,
  images: ReadonlyMap<string, Image>,
  places: Places,
  store: Pick<ImageStore, 'tree'>,
): Promise<ResolvedAccounts> {
  const accounts = new Map<string, Account>();
  const diagnostics: Diagnostic[] = [];
  if (config.defaults === 'linuxkit') return { accounts, diagnostics };
  for (const section of CONTAINER_SECTIONS) {
    for (const [index, container] of config[section].entries()) {
      const image = images.get(container.image);
      if (image === undefined || accounts.has(container.image)) continue;
      if ((container.uid ?? labelSettings(image).uid) !== undefined) continue;
      const { user = '' } = image.config;
      if (user === '') continue;
      const found = await accountIn(image, user, store);
      if ('uid' in found) {
        accounts.set(container.image, found);
        continue;
      }
      const message = `image "${container.image}" is to run as "${user}", and has no "${found.unknown}" in its /etc/passwd and /etc/group: say "uid:" here`;
      const place = places.value([section, index, 'image']);
      diagnostics.push({ code: 'unknown-user', message, ...place });
    }
  }
  return { accounts, diagnostics: sortDiagnostics(diagnostics) };
}

async function accountIn(
  image: Image,
  user: string,
  store: Pick<ImageStore, 'tree'>,
): Promise<ReturnType<typeof findAccount>> {
  const tree = await store.tree(image);
  return findAccount(user, {
    passwd: (await readText(tree, 'etc/passwd')) ?? '',
    group: (await readText(tree, 'etc/group')) ?? '',
  });
}
