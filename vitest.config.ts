import { defineConfig, type ViteUserConfig } from 'vitest/config';

// Three price classes: unit runs in seconds anywhere, integration starts real processes, vm boots
// machines. A vm file owns its machine; two at once is what two cores carry. A file of vm-pair has two
// machines or more by itself, so it runs alone.
const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/meta/**/*.test.ts'],
          testTimeout: 5_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'vm',
          include: ['test/vm/**/*.test.ts'],
          testTimeout: 400_000,
          // The first hook may have to build components, and waits while another file does.
          hookTimeout: 900_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'vm-pair',
          include: ['test/vm-pair/**/*.test.ts'],
          testTimeout: 400_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

export default config;
