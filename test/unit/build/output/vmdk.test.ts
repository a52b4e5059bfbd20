import { expect, it } from 'vitest';
import { repeatableDescriptor } from '../../../../build/output/disk/vmdk.ts';

/** @param behind what follows the zero that ends the text */
function descriptor(contentId: string, behind = ''): Buffer {
  const bytes = Buffer.alloc(2048);
  bytes.write(
    `# Disk DescriptorFile\nversion=1\nCID=${contentId}\nparentCID=ffffffff\n\0${behind}`,
    'latin1',
  );
  return bytes;
}

const wanted = descriptor('0000beef');

it.each(['12345678', '1234567', '1', '0000beef'])(
  'is the same whatever id qemu-img gave it (%s)',
  (contentId) => {
    expect(repeatableDescriptor(descriptor(contentId), '0000beef')).toEqual(wanted);
  },
);

it('has nothing of the longer text that qemu-img wrote first', () => {
  expect(repeatableDescriptor(descriptor('123456', '\n'), '0000beef')).toEqual(wanted);
  expect(repeatableDescriptor(descriptor('1', 'ff\n'), '0000beef')).toEqual(wanted);
});
