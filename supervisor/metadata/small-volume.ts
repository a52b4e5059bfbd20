/** The files in the root folder of a small file system, read without mounting it: that takes neither a privilege nor a module. */
export interface SmallVolume {
  /** Without the blanks behind it. */
  readonly label: string;
  /** Names in lower case. */
  readonly files: ReadonlyMap<string, VolumeFile>;
}

export interface VolumeFile {
  readonly bytes: number;
  /** Throws `MetadataError` where the file system contradicts itself. */
  read(): Buffer;
}
