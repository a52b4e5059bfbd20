import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bootManagerRegister, kernelRegister } from '../../../../build/measure/pcr.ts';
import {
  authenticode,
  PeError,
  readPeHeader,
  sectionsOf,
} from '../../../../supervisor/update/pe-image.ts';

const sha256 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const HEADER = 512;

/** A PE32+ file with sections of 512 bytes each, of which `text` is the beginning; signed when `signature` is there. */
function peFile(sections: Readonly<Record<string, string>>, signature = Buffer.alloc(0)): Buffer {
  const names = Object.keys(sections);
  const head = Buffer.alloc(HEADER);
  head.writeUInt32LE(0x80, 0x3c);
  head.write('PE\0\0', 0x80, 'latin1');
  head.writeUInt16LE(names.length, 0x86);
  head.writeUInt16LE(240, 0x94);
  head.writeUInt16LE(0x20b, 0x98);
  head.writeUInt32LE(HEADER, 0x98 + 60);
  const certificates = 0x98 + 112 + 32;
  head.writeUInt32LE(signature.length === 0 ? 0 : HEADER * (names.length + 1), certificates);
  head.writeUInt32LE(signature.length, certificates + 4);
  const bodies = names.map((name, index) => {
    const text = sections[name] ?? '';
    const at = 0x98 + 240 + 40 * index;
    head.write(name, at, 'latin1');
    head.writeUInt32LE(text.length, at + 8);
    head.writeUInt32LE(512, at + 16);
    head.writeUInt32LE(HEADER + 512 * index, at + 20);
    return Buffer.concat([Buffer.from(text), Buffer.alloc(512 - text.length)]);
  });
  return Buffer.concat([head, ...bodies, signature]);
}

describe('an EFI program', () => {
  it('has sections as they are in memory, not filled up', () => {
    const sections = sectionsOf(peFile({ '.cmdline': 'quiet', '.linux': 'kernel' }));
    expect(sections.map(({ name, contents }) => [name, contents.toString()])).toEqual([
      ['.cmdline', 'quiet'],
      ['.linux', 'kernel'],
    ]);
  });

  it('has a time and a checksum in its headers', () => {
    const { timeAt, checksumAt } = readPeHeader(peFile({ '.text': 'code' }));
    expect([timeAt, checksumAt]).toEqual([0x88, 0xd8]);
  });

  it('has a digest that its signature and its checksum do not change, and every other byte does', () => {
    const plain = peFile({ '.text': 'code' });
    const signed = peFile({ '.text': 'code' }, Buffer.alloc(16, 7));
    signed.writeUInt32LE(99, 0x98 + 64);
    expect(authenticode(signed)).toEqual(authenticode(plain));
    const other = Buffer.from(signed);
    other.writeUInt8(1, HEADER + 400);
    expect(authenticode(other)).not.toEqual(authenticode(plain));
  });

  it.each([Buffer.alloc(0), Buffer.from('MZ'), Buffer.alloc(600)])('is not any file', (file) => {
    expect(() => sectionsOf(file)).toThrow(PeError);
  });
});

describe('registers', () => {
  const zero = Buffer.alloc(32);

  it('4 is the attempt, the separator, and the programs', () => {
    const program = sha256('program');
    const one = sha256(zero, sha256('Calling EFI Application from Boot Option'));
    const two = sha256(one, sha256(Buffer.alloc(4)));
    expect(bootManagerRegister([program])).toEqual(sha256(two, program));
  });

  it('11 is names and contents, in an order that is not the file’s, without what is not measured', () => {
    const section = (name: string, text: string): { name: string; contents: Buffer } => ({
      name,
      contents: Buffer.from(text),
    });
    const sections = [section('.text', 'x'), section('.cmdline', 'c'), section('.linux', 'l')];
    const steps = ['.linux\0', 'l', '.cmdline\0', 'c'];
    const expected = steps.reduce<Buffer>((register, step) => sha256(register, sha256(step)), zero);
    expect(kernelRegister(sections)).toEqual(expected);
  });
});
