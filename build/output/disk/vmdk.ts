/**
 * The descriptor of a VMDK (Virtual Disk Format 5.0, "The Descriptor File"): a text in a fixed place with zeros behind it.
 * qemu-img puts a random content id into it; a disk that is built twice is to be the same. Pure.
 */

/**
 * The descriptor with this content id, as long as it was.
 * @param contentId eight hexadecimal digits
 */
export function repeatableDescriptor(descriptor: Buffer, contentId: string): Buffer {
  const end = descriptor.indexOf(0);
  const text = descriptor.toString('latin1', 0, end === -1 ? descriptor.length : end);
  const made = Buffer.alloc(descriptor.length);
  // Behind the text qemu-img leaves the end of a longer one: it writes its id twice, without zeros in front.
  made.write(text.replace(/^CID=[0-9a-f]{1,8}$/mu, `CID=${contentId}`), 'latin1');
  return made;
}
