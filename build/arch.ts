/** The architectures of machines, by the names that Debian and OCI share. Pure. */
export const ARCH_NAMES = ['amd64', 'arm64'] as const;

export type ArchName = (typeof ARCH_NAMES)[number];

/** What an architecture is called elsewhere. */
export interface Arch {
  /** By Node, in `process.arch` and in the names of its packages. */
  readonly node: 'x64' | 'arm64';
  /** Debian's folder of libraries under usr/lib. */
  readonly multiarch: string;
  /** The loader of dynamically linked programs, by every path that must be there. */
  readonly loaders: readonly string[];
  readonly qemu: { readonly command: string; readonly package: string };
}

export const ARCHES: Readonly<Record<ArchName, Arch>> = {
  amd64: {
    node: 'x64',
    multiarch: 'x86_64-linux-gnu',
    loaders: ['usr/lib64/ld-linux-x86-64.so.2', 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'],
    qemu: { command: 'qemu-system-x86_64', package: 'qemu-system-x86' },
  },
  arm64: {
    node: 'arm64',
    multiarch: 'aarch64-linux-gnu',
    loaders: ['usr/lib/ld-linux-aarch64.so.1', 'usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1'],
    qemu: { command: 'qemu-system-aarch64', package: 'qemu-system-arm' },
  },
};

/** The one by Node's name for it; anything else counts as the first. */
export function archOfNode(node: string): ArchName {
  return node === 'arm64' ? 'arm64' : 'amd64';
}
