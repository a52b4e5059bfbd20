/**
 * The machines on which services are restarted, and started by the hundred. Pure: YAML as text. Their root
 * has busybox beside runc, so that a shell can call the runtime by hand where PID 1 calls it.
 */
import { stringify } from 'yaml';

const SHELL_PORT = 2323;

/** How many services a machine has that is killed one after the other. */
export const VICTIMS = 8;
export const MANY = 100;

const NETWORK = {
  name: 'network',
  image: 'ishmael/busybox',
  command: ['/bin/sh', '-c', 'ip link set eth0 up && ip addr add 10.0.2.15/24 dev eth0'],
  capabilities: ['CAP_NET_ADMIN'],
};

/** In the mount namespace of PID 1: what it runs is run as PID 1 would. */
const SHELL = {
  name: 'shell',
  image: 'ishmael/busybox',
  command: ['nc', '-ll', '-p', String(SHELL_PORT), '-e', 'nsenter', '-t', '1', '-m', 'sh'],
  pid: 'host',
  capabilities: ['all'],
  // What it starts by hand would run under two filters, and crun may not make a keyring under this one.
  seccomp: 'unconfined',
  noNewPrivileges: false,
};

const SLEEP = ['sleep', '1000000'];
/** Tells when its program runs, by the wall clock, and is then what the others are. */
const TELLING_SLEEP = ['/bin/sh', '-c', `echo $EPOCHREALTIME; exec ${SLEEP.join(' ')}`];

export type RuntimeName = 'runc' | 'crun';

/** Services that can be killed one after the other, and a shell. */
export function fewServices(runtime: RuntimeName): string {
  const victims = Array.from({ length: VICTIMS }, (_, index) => ({
    name: `v${index}`,
    image: 'ishmael/busybox',
    command: TELLING_SLEEP,
  }));
  return machine([...victims, SHELL], [NETWORK], runtime);
}

/** A hundred services that sleep, and a shell. */
export function manyServices(): string {
  return machine([...sleepers(), SHELL], [NETWORK]);
}

/** The same without the hundred. */
export function noServices(): string {
  return machine([SHELL], [NETWORK]);
}

/** For the baseline, which knows services only. */
export function onlySleepers(): string {
  return machine(sleepers(), []);
}

function sleepers(): object[] {
  return Array.from({ length: MANY }, (_, index) => ({
    name: `s${String(index).padStart(2, '0')}`,
    image: 'ishmael/busybox',
    command: SLEEP,
  }));
}

function machine(
  services: readonly object[],
  onboot: readonly object[],
  runtime: RuntimeName = 'runc',
): string {
  return stringify({
    kernel: { image: 'ishmael/kernel', cmdline: 'console=ttyS0' },
    init: ['ishmael/init', `ishmael/${runtime}`, 'ishmael/busybox'],
    ...(onboot.length === 0 ? {} : { onboot }),
    services,
    outputs: [{ format: 'kernel+initrd' }],
  });
}
