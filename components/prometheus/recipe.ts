import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  type Recipe,
} from '../../build/component/recipe.ts';

/** What it has collected is in /var/lib/prometheus: bind a disk there. */
const SETTINGS = {
  readonly: true,
  capabilities: [],
  tmpfs: ['/tmp'],
  binds: ['/var/lib/prometheus:/var/lib/prometheus'],
};

/**
 * Collects what others count, every 15 s, and answers questions about it on port 9090. Whom it asks is in
 * /etc/prometheus/prometheus.yml: itself, node-exporter and the status page of this machine, unless the YAML says otherwise.
 */
export const recipe: Recipe = {
  name: 'prometheus',
  packages: ['prometheus'],
  assume: [
    'adduser',
    'debconf',
    'init-system-helpers',
    'fonts-glyphicons-halflings',
    'libjs-bootstrap',
    'libjs-bootstrap4',
    'libjs-eonasdan-bootstrap-datetimepicker',
    'libjs-jquery',
    'libjs-jquery-hotkeys',
    'libjs-moment',
    'libjs-moment-timezone',
    'libjs-mustache',
    'libjs-popper.js',
    'libjs-rickshaw',
    'promtool',
  ],
  keep: ['usr/bin/prometheus', ...C_LIBRARY],
  add: [
    ...CONTAINER_FOLDERS,
    { type: 'file', path: 'etc/prometheus/prometheus.yml', source: 'prometheus.yml' },
    { type: 'directory', path: 'var/lib/prometheus' },
  ],
  config: containerConfig({
    entrypoint: [
      'prometheus',
      '--config.file=/etc/prometheus/prometheus.yml',
      '--storage.tsdb.path=/var/lib/prometheus',
    ],
    cmd: ['--storage.tsdb.retention.time=15d'],
    settings: SETTINGS,
  }),
};
