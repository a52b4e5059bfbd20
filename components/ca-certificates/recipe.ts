import type { Recipe } from '../../build/component/recipe.ts';

/**
 * The certificates of Mozilla's authorities, in one file where programs look for them; in `init:`. A container gets them with
 * the bind `/etc/ssl/certs:/etc/ssl/certs:ro`.
 */
export const recipe: Recipe = {
  name: 'ca-certificates',
  packages: ['ca-certificates'],
  assume: ['debconf', 'openssl'],
  keep: [],
  joined: {
    path: 'etc/ssl/certs/ca-certificates.crt',
    of: 'usr/share/ca-certificates/mozilla/*.crt',
  },
  add: [],
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', stopSignal: '', labels: {} },
};
