import {
  type Addition,
  containerConfig,
  CONTAINER_FOLDERS,
  type Recipe,
} from '../../build/component/recipe.ts';

const FOLDERS = ['usr/bin', 'usr/lib', 'usr/lib64', 'usr/sbin'];

/** What holds for it unless the YAML says otherwise (docs/yaml.md, on the label of an image). */
const SETTINGS = {
  readonly: true,
  capabilities: [],
  binds: [
    '/init:/init:ro',
    '/usr/lib:/usr/lib:ro',
    '/usr/lib64:/usr/lib64:ro',
    // The directory and not the socket, which is another one when PID 1 was executed again.
    '/run/ishmael/read:/run/ishmael/read:ro',
  ],
};

/**
 * The status page: an image of empty folders. Its program is the machine's own, of which a copy would double the
 * initrd, and the same file is in memory only once.
 */
export const recipe: Recipe = {
  name: 'status',
  packages: [],
  assume: [],
  keep: [],
  add: [...CONTAINER_FOLDERS, ...FOLDERS.map((path): Addition => ({ type: 'directory', path }))],
  config: containerConfig({
    entrypoint: ['/init', 'status-page'],
    cmd: ['0.0.0.0:8090'],
    env: [],
    settings: SETTINGS,
  }),
};
