import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { CONTAINER_SECTIONS } from '../../../../build/config/all-containers.ts';
import { DIAGNOSTIC_CODES, renderDiagnostics } from '../../../../build/config/diagnostics.ts';
import { parseConfig } from '../../../../build/config/parse-config.ts';
import { allKeys } from '../../../../build/config/schema-keys.ts';

const ROOT = new URL('../../../../', import.meta.url);
const DOCS = readFileSync(new URL('docs/yaml.md', ROOT), 'utf8');

/** Which sections' tables document the keys of each part of the schema. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  '': ['Top level'],
  panic: ['Panic'],
  hardening: ['Hardening'],
  root: ['Root'],
  sign: ['Signing'],
  updates: ['Updates'],
  'syslog[]': ['Sending logs'],
  console: ['Console'],
  kernel: ['Kernel'],
  'onboot[]': ['Containers', 'Onboot tasks'],
  'onshutdown[]': ['Containers', 'Onshutdown tasks'],
  'services[]': ['Containers', 'Services'],
  'services[].startLimit': ['Start limit'],
  'services[].dependsOn.*': ['Dependencies'],
  'services[].dependsOn[]': ['Dependencies', 'Paths, networks and the clock'],
  'services[].healthcheck': ['Health checks'],
  'volumes[]': ['Volumes'],
  'volumes[].disk': ['On disks'],
  'files[]': ['Files'],
  'verify[]': ['Signatures'],
  ...ofContainers({
    '.log': 'Its log',
    '.devices[]': 'Devices',
    '.runtime': 'Beside the container',
    '.resources': 'Resources',
    '.resources.memory': 'Memory',
    '.resources.cpu': 'Processors',
    '.resources.pids': 'Processes',
    '.resources.blockIO': 'Block IO',
    '.resources.blockio': 'Block IO',
    '.resources.devices[]': 'Device rules',
  }),
};

/** Parts with so few keys that the row of their own key names them all, in these words. */
const IN_A_ROW: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'kernel.image',
      'init[]',
      'volumes[].image',
      ...CONTAINER_SECTIONS.map((kind) => `${kind}[].image`),
    ].flatMap((image) => [
      [image, 'a map with the one key `build`'],
      [`${image}.build`, '`{context, dockerfile, target, args}`'],
    ]),
  ),
  'outputs[]': '`format: kernel+initrd`',
  'volumes[].disk.size': '`{min: 9G, max: 11G}`',
  'volumes[].disk.encrypt': '`{key, pcrs}`',
  'volumes[].disk.encrypt.key': '`key: {file: PATH}`',
  'services[].healthcheck.file': '`{path, maxAge}`',
  'services[].healthcheck.http': '`{port, path, host}`',
  'services[].readiness': '`{fd: 3}`',
  ...ofContainersInARow({
    '.log.rate': '`{lines, interval}`',
    '.mounts[]': '`{destination, type, source, options}`',
    '.runtime.mounts[]': '`{destination, type, source, options}`',
    '.runtime.interfaces[]': '`interfaces` has `name`, `add`, `peer` and `createInRoot`',
    '.runtime.bindNS': '`cgroup`, `ipc`, `mnt`, `net`, `pid`, `user` and `uts`',
    '.uidMappings[]': '`{containerID, hostID, size}`',
    '.gidMappings[]': '`{containerID, hostID, size}`',
    '.timeOffsets': '`{monotonic, boottime}`',
    '.seccomp':
      '`seccomp` as a map has `defaultAction`, `defaultErrnoRet`, `architectures`, `flags` and `syscalls`',
    '.seccomp.syscalls[]': '`syscalls` has `names`, `action`, `errnoRet` and `args`',
    '.seccomp.syscalls[].args[]': '`args` has `index`, `value`, `valueTwo` and `op`',
    '.resources.hugepageLimits[]': '`{pageSize, limit}`',
    '.resources.rdma.*': '`hcaHandles` and `hcaObjects`',
    ...blockIoInARow('.resources.blockIO'),
    ...blockIoInARow('.resources.blockio'),
  }),
};

function blockIoInARow(key: string): Readonly<Record<string, string>> {
  const rates = ['ReadBps', 'WriteBps', 'ReadIOPS', 'WriteIOPS'].map(
    (what) => [`${key}.throttle${what}Device[]`, '`{major, minor, rate}`'] as const,
  );
  return {
    [`${key}.weightDevice[]`]: '`{major, minor, weight}`',
    ...Object.fromEntries(rates),
  };
}

/** What all kinds of container have. */
function ofContainers(
  parts: Readonly<Record<string, string>>,
): Readonly<Record<string, readonly string[]>> {
  const sections = Object.entries(ofContainersInARow(parts));
  return Object.fromEntries(sections.map(([part, section]) => [part, [section]]));
}

function ofContainersInARow(
  parts: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    CONTAINER_SECTIONS.flatMap((kind) =>
      Object.entries(parts).map(([part, words]) => [`${kind}[]${part}`, words]),
    ),
  );
}

/** The keys in the first column of a section's tables, subsections left out. */
function documented(section: string): readonly string[] {
  const heading = new RegExp(`\n##+ ${section}\n`).exec(DOCS);
  expect(heading).not.toBeNull();
  const start = heading?.index ?? 0;
  const end = DOCS.slice(start + 1).search(/\n##/) + start + 1;
  return [...DOCS.slice(start, end).matchAll(/^\| `([\w.]+)`/gm)].map(([, key]) => key ?? '');
}

describe('docs/yaml.md', () => {
  const examples = [...DOCS.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text]) => text ?? '');

  test('has examples', () => expect(examples.length).toBeGreaterThanOrEqual(3));

  test.each(examples.map((text, index) => [index + 1, text] as const))(
    'example %i is a valid configuration',
    (_, text) => expect(parseConfig('docs/yaml.md', text).diagnostics).toEqual([]),
  );

  test('shows an error as it is shown', () => {
    const example = readFileSync(new URL('examples/redis.yml', ROOT), 'utf8');
    const text = example.replace('CAP_NET_RAW', 'CAP_NET_ROW');
    const { diagnostics } = parseConfig('redis.yml', text);
    const rendered = renderDiagnostics(diagnostics, new Map([['redis.yml', text]]));
    expect(DOCS).toContain(`\n\`\`\`text\n${rendered}\`\`\`\n`);
  });

  test.each(Object.entries(SECTIONS))(
    'documents each key of "%s" and no other',
    (parent, sections) => {
      const known = allKeys()
        .filter((placed) => placed.parent === parent)
        .map(({ key }) => key);
      expect(known.length).toBeGreaterThan(0);
      expect(sections.flatMap(documented).sort()).toEqual([...known].sort());
    },
  );

  test('leaves no part of the schema out', () => {
    const parents = new Set(allKeys().map(({ parent }) => parent));
    const left = [...parents].filter((parent) => SECTIONS[parent] === undefined);
    expect(left.sort()).toEqual(Object.keys(IN_A_ROW).sort());
    const text = DOCS.replaceAll(/\s+/g, ' ');
    for (const words of Object.values(IN_A_ROW)) expect(text).toContain(words);
  });

  test('lists every warning', () => {
    const codes = DIAGNOSTIC_CODES.slice(DIAGNOSTIC_CODES.indexOf('hidden-file'));
    const errors = DOCS.slice(DOCS.indexOf('\n## Errors\n'));
    const documentedCodes = [...errors.matchAll(/^\| `([a-z]+-[a-z-]+)` +\|/gm)].map(
      ([, code]) => code,
    );
    expect(new Set(documentedCodes)).toEqual(new Set<string | undefined>(codes));
  });
});
