import ts from "typescript";
import { expect, test } from "vitest";
import * as z from "zod";
import { defineOperation } from "../../src/operations/define-operation.ts";
import { READS } from "../../tools/fields.ts";
import { openTestApp } from "../helpers/app.ts";
import { callOperation } from "../helpers/operator.ts";
import { root } from "../helpers/root.ts";

test.each([
  ["has a field that its output lacks", "{ id: 'a', secret: 1 }", "secret"],
  ["lacks a field of its output", "{}", "Property 'id' is missing"],
  ["is what its output says", "{ id: 'a' }", undefined],
])("has the compiler judge a handler whose result %s", (_, result, complaint) => {
  const errors = errorsOf(`
    import * as z from "zod";
    import { defineOperation } from "../src/operations/define-operation.ts";
    import { READS } from "./fields.ts";
    const view = async () => (${result});
    export const planted = defineOperation({
      name: "stack_planted", title: "Planted", description: "", scope: "skills:read", idempotency: "none",
      toolset: "core", mcp: READS, rest: false, example: {},
      input: z.strictObject({}), output: z.object({ id: z.string() }), handle: () => view(),
    });`);
  if (complaint === undefined) expect(errors).toEqual([]);
  else expect(errors.join("\n")).toContain(complaint);
});

test("fails a call whose result has more than its contract says, however deep", async () => {
  const { app, logged, createOperator } = await openTestApp({ start: false });
  const { credential } = await createOperator("somebody");
  const items = [{ id: "a" }, { id: "b", inner: { secret: 1 } }];
  const drifting = defineOperation({
    name: "stack_drifting",
    title: "Drifting",
    description: "Returns more than it says.",
    scope: "skills:read",
    input: z.strictObject({}),
    output: z.object({ items: z.array(z.object({ id: z.string() })) }),
    idempotency: "none",
    toolset: "core",
    mcp: READS,
    rest: false,
    example: {},
    handle: async () => ({ items }),
  });
  expect(await callOperation(app, credential, drifting, {})).toMatchObject({
    ok: false,
    error: { code: "INTERNAL" },
  });
  expect(logged.join("\n")).toContain("items.1.inner");
});

/** Returns the compiler's messages on a file that stands beside the operations. */
function errorsOf(text: string): string[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const planted = `${root}tools/planted.ts`;
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => file === planted || fileExists(file);
  host.getSourceFile = (file, target) =>
    file === planted ? ts.createSourceFile(file, text, target) : getSourceFile(file, target);
  const program = ts.createProgram([planted], options, host);
  const found = program.getSemanticDiagnostics(program.getSourceFile(planted));
  return found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}
