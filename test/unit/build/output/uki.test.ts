import { describe, expect, it } from 'vitest';
import { endOfSections, placeSections } from '../../../../build/output/disk/uki.ts';

const HEADERS = `
linuxx64.efi.stub:     file format pei-x86-64

Sections:
Idx Name          Size      VMA               LMA               File off  Algn
  0 .text         0001080e  000000014df91000  000000014df91000  00000600  2**4
                  CONTENTS, ALLOC, LOAD, READONLY, CODE
  1 .reloc        00000088  000000014dfaa000  000000014dfaa000  00016600  2**2
                  CONTENTS, ALLOC, LOAD, READONLY, DATA
  2 .sdmagic      00000033  000000014dfa9000  000000014dfa9000  00016400  2**2
`;

describe('the sections of a unified kernel image', () => {
  it('begin behind the last of the stub, wherever that is in the list', () => {
    expect(endOfSections(HEADERS)).toBe(0x14dfaa088n);
  });

  it('begin on pages, one after another', () => {
    expect(placeSections(0x14dfaa088n, [1, 4096, 5000, 7])).toEqual([
      0x14dfab000n,
      0x14dfac000n,
      0x14dfad000n,
      0x14dfaf000n,
    ]);
    expect(placeSections(0x2000n, [1])).toEqual([0x2000n]);
  });
});
