import { describe, expect, test } from "vitest";
import { fileOf, runPackage, startConformanceServer } from "../../helpers/conformance.ts";
import { startTestServer } from "../../helpers/server.ts";

const RELEASED = fileOf("conformance-released", "dist/index.js");
const NEXT = fileOf("conformance-next", "dist/index.js");
const INSPECTOR = fileOf("@modelcontextprotocol/inspector", "clients/launcher/build/index.js");

const SKILLS = [
  "sep-2640-skills-directory",
  "sep-2640-skills-enumeration",
  "sep-2640-skills-manifest",
];

const runNext = (url: string, ...more: string[]) =>
  runPackage(NEXT, ["server", "--url", url, ...more]);

describe("the conformance suite of the protocol", () => {
  test("passes whole at 0.1.16", async () => {
    const { url } = await startConformanceServer();
    const { output } = await runPackage(RELEASED, ["server", "--url", url]);
    expect(output.match(/^✗.*$/gm)).toBeNull();
    expect(output).toContain("Total: 40 passed, 0 failed");
  });

  test("passes every scored scenario of the next one for 2026-07-28, and of tasks", async () => {
    const { url } = await startConformanceServer();
    const { code, output } = await runNext(url, "--requirements", "2026-07-28");
    expect([code, output.match(/^✗.*$/gm)]).toEqual([0, NOT_SCORED]);
    expect(output.match(/^✓ tasks-/gm)).toHaveLength(10);
  });

  test("passes every scored scenario of the next one for 2025-11-25", async () => {
    const { url } = await startConformanceServer();
    const { code, output } = await runNext(url, "--requirements", "2025-11-25");
    expect([code, output.match(/^✗.*$/gm)]).toEqual([0, null]);
  });

  test.each(SKILLS)("passes %s over the source skills of a marketplace", async (scenario) => {
    const { server, url } = await startConformanceServer();
    await server.app.services.seed.seed();
    const { code, output } = await runNext(url, "--scenario", scenario);
    expect([code, output]).toEqual([0, expect.stringMatching(/Passed: [1-9]\d*\/\d+, 0 failed/)]);
    if (scenario !== "sep-2640-skills-directory") expect(output).not.toContain("SKIPPED");
  });
});

/** Of tools that take an argument from a header, of which this program has none. */
const NOT_SCORED = ["✗ http-custom-header-server-validation: 1 passed, 5 failed"];

describe("the Inspector, a client by other hands", () => {
  const ask = async (era: string, args: readonly string[], query = "") => {
    const server = await startTestServer();
    await server.app.services.seed.seed();
    const url = `${server.url}/mcp${query}`;
    const header = `Authorization: Bearer ${server.localKey}`;
    const common = [
      "--cli",
      "--server-url",
      url,
      "--protocol-era",
      era,
      "--header",
      header,
      "--stored-auth-only",
      "--format",
      "json",
      "-q",
    ];
    return runPackage(INSPECTOR, [...common, ...args]);
  };

  test.each(["modern", "legacy"])(
    "finds nothing wrong with any schema of any tool (%s)",
    async (era) => {
      const { code, output } = await ask(era, ["--method", "tools/list", "--strict"], "?tools=all");
      expect([code, output]).toEqual([0, expect.stringContaining("stack_publish_skill")]);
    },
  );

  test.each(["modern", "legacy"])("calls a tool (%s)", async (era) => {
    const { code, output } = await ask(era, [
      "--method",
      "tools/call",
      "--tool-name",
      "stack_browse_skills",
      "--tool-arg",
      "limit=2",
    ]);
    expect([code, output]).toEqual([0, expect.stringContaining("price_per_invocation")]);
  });

  test("verifies the digests of all source skills", async () => {
    const { code, output } = await ask("modern", ["--method", "skills/list", "--verify"]);
    expect([code, output]).toEqual([0, expect.stringContaining("SKILL.md")]);
  });
});
