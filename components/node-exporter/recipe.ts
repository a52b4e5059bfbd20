import {
  C_LIBRARY,
  containerConfig,
  CONTAINER_FOLDERS,
  type Recipe,
} from '../../build/component/recipe.ts';

/** It looks at the machine through these, and changes nothing. */
const SETTINGS = {
  readonly: true,
  capabilities: [],
  uid: 65534,
  gid: 65534,
  pid: 'host',
  binds: ['/proc:/host/proc:ro', '/sys:/host/sys:ro'],
};

/** Prometheus' exporter of what the kernel counts, on port 9100. `ishmael/status` has the same figures and those of services, in less memory. */
export const recipe: Recipe = {
  name: 'node-exporter',
  packages: ['prometheus-node-exporter'],
  assume: [
    'adduser',
    'debconf',
    'init-system-helpers',
    'prometheus-node-exporter-collectors',
    'dbus',
  ],
  keep: ['usr/bin/prometheus-node-exporter', ...C_LIBRARY],
  add: [
    ...CONTAINER_FOLDERS,
    { type: 'directory', path: 'host/proc' },
    { type: 'directory', path: 'host/sys' },
  ],
  config: containerConfig({
    entrypoint: ['prometheus-node-exporter', '--path.procfs=/host/proc', '--path.sysfs=/host/sys'],
    cmd: [
      '--collector.disable-defaults',
      '--collector.cpu',
      '--collector.diskstats',
      '--collector.loadavg',
      '--collector.meminfo',
      '--collector.netdev',
      '--collector.pressure',
      '--collector.stat',
      '--collector.uname',
      '--collector.vmstat',
    ],
    settings: SETTINGS,
  }),
};
