/**
 * `runtime` of a container: what is done in the machine beside it (cgroups, mounts, directories, network
 * interfaces, bound namespaces).
 */
import { z } from 'zod';

import type { NetworkInterface, RuntimeSteps } from '../../runc-shim/oci/container-spec.ts';
import { runtimeMounts } from './mount-values.ts';
import { text } from './notation.ts';
import { problem } from './problem.ts';
import { absolutePath, filledText } from './values.ts';

/** IFNAMSIZ is 16 with the NUL; the kernel forbids `/`, `:` and spaces (dev_valid_name). */
const interfaceName = text.regex(
  /^(?!\.{1,2}$)[^/:\s]{1,15}$/,
  'must be 1 to 15 characters without "/", ":" and spaces',
);

const networkInterface: z.ZodType<NetworkInterface> = z
  .strictObject({
    name: interfaceName,
    add: text.regex(/^[a-z0-9_-]+$/, 'must be a kind of interface, such as dummy').exactOptional(),
    peer: interfaceName.exactOptional(),
    createInRoot: z.boolean().default(false),
  })
  .superRefine(
    ({ add, peer }, context) => {
      const wrong = (path: string, message: string): void =>
        context.addIssue(problem({ code: 'conflict', message, path: [path], at: 'key' }));
      if (peer !== undefined && add !== undefined && add !== 'veth') {
        wrong('peer', 'only a veth has one');
      }
      if (peer === undefined && add === 'veth')
        wrong('add', 'a veth needs a "peer": its other end');
    },
    { when: ({ value }) => typeof value === 'object' && value !== null },
  );

const cgroup = filledText.regex(/^\/?[^/\s]+(\/[^/\s]+)*$/, 'must be a path such as mine/web');

const path = absolutePath.exactOptional();

export const runtime: z.ZodType<RuntimeSteps> = z.strictObject({
  cgroups: z.array(cgroup).exactOptional(),
  mounts: runtimeMounts.exactOptional(),
  mkdir: z.array(filledText).exactOptional(),
  interfaces: z.array(networkInterface).exactOptional(),
  bindNS: z
    .strictObject({
      cgroup: path,
      ipc: path,
      mnt: path,
      net: path,
      pid: path,
      user: path,
      uts: path,
    })
    .exactOptional(),
  namespace: filledText.exactOptional(),
});
