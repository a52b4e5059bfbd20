/**
 * What `defaults: hardened` makes of each container where `defaults: linuxkit` makes something else, for a
 * person. Pure.
 */
import type { ContainerSpec } from '../../runc-shim/oci/container-spec.ts';
import type { Manifest } from '../../supervisor/manifest.ts';
import { CONTAINER_SECTIONS } from '../config/all-containers.ts';
import { type MachineSpecs, machineSpecs } from './machine-specs.ts';
import { type Difference, differences } from './spec-differences.ts';

/** @param arch as Node names it */
export function explainDefaults(linuxkit: Manifest, hardened: Manifest, arch: string): string {
  const [left, right] = [linuxkit, hardened].map((manifest) => machineSpecs(manifest, arch));
  if (left === undefined || right === undefined) return '';
  return CONTAINER_SECTIONS.flatMap((section) =>
    Object.keys(right[section]).map((directory, index) => {
      const found = [
        ...differences(configOf(left, section, directory), configOf(right, section, directory)),
        ...differences(besides(linuxkit[section][index]), besides(hardened[section][index])),
      ];
      const lines = found.map(line);
      return `${section} ${directory}:\n${lines.length === 0 ? '  no difference\n' : lines.join('')}`;
    }),
  ).join('\n');
}

function configOf(specs: MachineSpecs, section: keyof MachineSpecs, directory: string): unknown {
  return specs[section][directory]?.config;
}

/** What is no part of the OCI spec. */
function besides(container: ContainerSpec | undefined): unknown {
  if (container === undefined) return {};
  const { writableSize } = container;
  const health =
    'policy' in container &&
    typeof container.policy === 'object' &&
    container.policy !== null &&
    'health' in container.policy
      ? container.policy.health
      : undefined;
  return { writableSize: writableSize ?? '50%', healthcheck: health };
}

function line({ path, left, right }: Difference): string {
  return `  ${path.padEnd(32)} linuxkit: ${said(path, left)}; hardened: ${said(path, right)}\n`;
}

function said(path: string, value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'nothing';
  if (path === 'linux.seccomp') return `a profile that allows ${countCalls(value)} system calls`;
  return Array.isArray(value) ? value.map(plain).join(', ') : plain(value);
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function countCalls(profile: unknown): number {
  if (typeof profile !== 'object' || profile === null || !('syscalls' in profile)) return 0;
  const rules = Array.isArray(profile.syscalls) ? (profile.syscalls as readonly unknown[]) : [];
  const names = rules.flatMap((rule) =>
    typeof rule === 'object' &&
    rule !== null &&
    'action' in rule &&
    rule.action === 'SCMP_ACT_ALLOW' &&
    'names' in rule &&
    Array.isArray(rule.names)
      ? (rule.names as readonly unknown[])
      : [],
  );
  return new Set(names).size;
}
