import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "server/src/**/*.test.ts",
      "client/src/**/*.test.ts",
      "scripts/**/*.test.ts",
      "bench/**/*.test.ts",
      "test/lsp/**/*.test.ts",
      "test/faults/**/*.test.ts",
      "test/shapes/**/*.test.ts",
      "test/loops/**/*.test.ts",
    ],
    setupFiles: ["test/randomCases.ts"],
    // Sessions start real processes on machines that may be busy.
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
