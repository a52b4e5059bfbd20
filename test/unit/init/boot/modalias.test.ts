import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchesGlob, modulesFor, parseModuleIndex } from '../../../../init/boot/steps/modalias.ts';

const ALIASES = `# Aliases extracted from modules themselves.
alias virtio:d00000001v* virtio_net
alias pci:v00001AF4d*sv*sd*bc*sc*i* virtio_pci
alias acpi*:PNP0C0C:* button
alias of:N*T*Cvirtio,mmio virtio_mmio
alias pci:v0000[18]086d00001[a-f]* odd-one
`;
const DEPS = `kernel/drivers/net/virtio_net.ko: kernel/drivers/net/net_failover.ko kernel/net/core/failover.ko
kernel/net/core/failover.ko:
kernel/drivers/odd-one.ko:
`;

const index = parseModuleIndex(ALIASES, DEPS);

it.each([
  ['virtio:d00000001v00001AF4', ['virtio_net']],
  ['pci:v00001AF4d00001041sv00001AF4sd00001100bc02sc00i00', ['virtio_pci']],
  ['acpi:LNXPWRBN:PNP0C0C:', ['button']],
  ['pci:v00008086d00001b00sv0', ['odd_one']],
  ['pci:v00002086d00001b00sv0', []],
  ['virtio:d00000002v00001AF4', []],
])('modulesFor() matches %s as fnmatch does', (modalias, modules) => {
  expect(modulesFor(index, modalias)).toEqual(modules);
});

it('parseModuleIndex() puts what a module needs before it', () => {
  expect(index.files.get('virtio_net')).toEqual([
    'kernel/net/core/failover.ko',
    'kernel/drivers/net/net_failover.ko',
    'kernel/drivers/net/virtio_net.ko',
  ]);
});

it('parseModuleIndex() finds a module under either spelling of its name', () => {
  expect(index.files.get('odd_one')).toEqual(['kernel/drivers/odd-one.ko']);
});

it('matchesGlob() agrees with a regular expression made of the same pattern', () => {
  const piece = fc.constantFrom('a', 'b', '*', '?', '[ab]', '[a-c]', ':', '*a');
  const text = fc.array(fc.constantFrom('a', 'b', 'c', ':')).map((chars) => chars.join(''));
  fc.assert(
    fc.property(fc.array(piece), text, (pieces, subject) => {
      const source = pieces.join('').replaceAll('*', '.*').replaceAll('?', '.');
      expect(matchesGlob(pieces.join(''), subject)).toBe(new RegExp(`^${source}$`).test(subject));
    }),
  );
});
