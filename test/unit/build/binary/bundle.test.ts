import type { Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { foreignInputs } from '../../../../build/binary/bundle.ts';

function metafile(inputs: readonly string[], externals: readonly string[]): Metafile {
  return {
    inputs: Object.fromEntries(inputs.map((path) => [path, { bytes: 1, imports: [] }])),
    outputs: {
      'main.js': {
        bytes: 1,
        inputs: {},
        exports: [],
        imports: externals.map((path) => ({ path, kind: 'require-call', external: true })),
      },
    },
  };
}

describe('foreignInputs()', () => {
  it('accepts files of the project and builtins, also those that exist only with node:', () => {
    const meta = metafile(['init/main.ts', 'sys/sys.ts'], ['node:fs', 'node:ffi', 'node:sea']);
    expect(foreignInputs(meta)).toEqual([]);
  });

  it('names a bundled npm package and an import that would be looked for in the machine', () => {
    const meta = metafile(['init/main.ts', 'node_modules/yaml/index.js'], ['node:fs', 'left-pad']);
    expect(foreignInputs(meta)).toEqual(['node_modules/yaml/index.js', 'left-pad']);
  });
});
