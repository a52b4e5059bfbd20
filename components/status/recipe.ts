import {
  containerConfig,
  CONTAINER_FOLDERS,
  OWN_PROGRAM_BINDS,
  OWN_PROGRAM_FOLDERS,
  type Recipe,
} from '../../build/component/recipe.ts';

/** What holds for it unless the YAML says otherwise (docs/yaml.md, on the label of an image). */
const SETTINGS = {
  readonly: true,
  capabilities: [],
  // The directory and not the socket, which is another one when PID 1 was executed again.
  binds: [...OWN_PROGRAM_BINDS, '/run/ishmael/read:/run/ishmael/read:ro'],
};

/** The status page: an image of empty folders, the program being the machine's own. In memory that is only once, too. */
export const recipe: Recipe = {
  name: 'status',
  packages: [],
  assume: [],
  keep: [],
  add: [...CONTAINER_FOLDERS, ...OWN_PROGRAM_FOLDERS],
  config: containerConfig({
    entrypoint: ['/init', 'status-page'],
    cmd: ['0.0.0.0:8090'],
    env: [],
    settings: SETTINGS,
  }),
};
