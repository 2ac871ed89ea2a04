import { defineConfig } from "vitest/config";

/** What `npm run test:long` does many times as often. */
const LONG = [
  "test/integration/wallet/ledger.test.ts",
  "test/security/delegation.test.ts",
  "test/security/http-fuzz.test.ts",
  "test/wide/chaos/*.test.ts",
];

/** One project for each tier: `npm test`, `npm run test:wide`, `npm run test:long`. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
    coverage: { include: ["src/**", "tools/**", "storage/**"], reporter: ["text-summary", "html"] },
    projects: [
      {
        extends: true,
        test: {
          name: "main",
          include: ["test/**/*.test.ts"],
          exclude: ["test/wide/**", "test/clients/**"],
        },
      },
      { extends: true, test: { name: "wide", include: ["test/wide/**/*.test.ts"] } },
      {
        extends: true,
        test: { name: "long", include: LONG, env: { TEST_SCALE: "20" }, testTimeout: 3_600_000 },
      },
    ],
  },
});
