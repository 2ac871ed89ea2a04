import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { programName } from "../../../src/bin/program-name.ts";
import { makeHome } from "../../helpers/home.ts";

test("names the program as whoever started it would start it again", () => {
  const folder = makeHome();
  const [checkout, bin] = [join(folder, "check out"), join(folder, "bin")];
  for (const made of [checkout, bin]) mkdirSync(made);
  const script = join(checkout, "stack-mcp.js");
  writeFileSync(script, "");
  chmodSync(script, 0o755);
  symlinkSync(script, join(bin, "stack-mcp"));
  const PATH = `${bin}:/usr/bin`;
  expect(programName(["node", script], {})).toBe(`node "${script}"`);
  expect(programName(["node", script], { PATH })).toBe("stack-mcp");
  expect(programName(["node", join(bin, "stack-mcp")], { PATH: "/usr/bin" })).toBe(
    join(bin, "stack-mcp"),
  );
  const elsewhere = (home: string) => programName(["node", script], { PATH, STACK_HOME: home });
  expect(elsewhere("/srv/stack")).toBe("STACK_HOME=/srv/stack stack-mcp");
  expect(elsewhere("/srv/my stack")).toBe('STACK_HOME="/srv/my stack" stack-mcp');
  expect(elsewhere(join(homedir(), ".stack-mcp"))).toBe("stack-mcp");
  const byNpm = (npm_lifecycle_script: string) =>
    programName(["node", script], { npm_lifecycle_script });
  expect(byNpm("stack-mcp")).toBe("npx stack-mcp");
  expect(byNpm("node src/bin/stack-mcp.js demo")).toBe("npx stack-mcp");
  expect(byNpm("some-client")).toBe(`node "${script}"`);
});
