import { describe, expect, it } from 'vitest';
import {
  bootFileName,
  parseBootFileName,
  planUpdate,
  UpdateError,
} from '../../../../supervisor/update/slots.ts';

describe('the name of a file in the boot partition', () => {
  it.each([
    ['ishmael-1.efi', { image: 1 }],
    ['ishmael-12+3.efi', { image: 12, tries: { left: 3, done: 0 } }],
    ['ishmael-2+1-2.efi', { image: 2, tries: { left: 1, done: 2 } }],
    ['ishmael-2+0-3.efi', { image: 2, tries: { left: 0, done: 3 } }],
  ])('%s is read and written', (name, file) => {
    expect(parseBootFileName(name)).toEqual(file);
    expect(bootFileName(file)).toBe(name);
  });

  it.each(['ishmael.efi', 'ishmael-2+3.efi.new', 'debian-1.efi', 'ishmael-x.efi', ''])(
    '%s is none',
    (name) => expect(parseBootFileName(name)).toBeUndefined(),
  );

  it('may have the letters that FAT gives it', () => {
    expect(parseBootFileName('ISHMAEL-3.EFI')).toEqual({ image: 3 });
  });
});

describe('planUpdate()', () => {
  it('makes a newer one, and room for it', () => {
    expect(planUpdate(['ishmael-1.efi'], 'ishmael-1.efi')).toEqual({
      file: { image: 2, tries: { left: 3, done: 0 } },
      remove: [],
    });
    const names = ['ishmael-7.efi', 'ishmael-8+0-3.efi', 'ishmael-9+3.efi.new', 'other.efi'];
    expect(planUpdate(names, 'ishmael-7.efi')).toEqual({
      file: { image: 9, tries: { left: 3, done: 0 } },
      remove: ['ishmael-8+0-3.efi', 'ishmael-9+3.efi.new'],
    });
  });

  it('leaves what runs, also when it is the newer one', () => {
    const { remove } = planUpdate(['ishmael-1.efi', 'ishmael-2.efi'], 'ishmael-2.efi');
    expect(remove).toEqual(['ishmael-1.efi']);
  });

  it('refuses while what runs is on trial, whatever the boot manager calls it', () => {
    for (const running of ['ishmael-2.efi', 'ishmael-2+2-1.efi', 'ishmael-2+3.efi']) {
      const names = ['ishmael-1.efi', 'ishmael-2+2-1.efi'];
      expect(() => planUpdate(names, running)).toThrow(UpdateError);
    }
  });

  it('refuses on a machine that has booted something else', () => {
    expect(() => planUpdate(['ishmael-1.efi'], '')).toThrow('room for updates');
    expect(() => planUpdate(['ishmael.efi'], 'ishmael.efi')).toThrow('room for updates');
  });
});
