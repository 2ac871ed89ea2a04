import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Runtime } from "../../../domain/market/skill.ts";
import { DomainError } from "../../../shared/errors.ts";

const CODE: Readonly<Record<Runtime, { readonly file: string; readonly text: string }>> = {
  javascript: {
    file: "main.js",
    text: `// The body of an async function: it reads $INPUT and returns JSON. console.log shows in \`skill test\`.
const words = $INPUT.text.split(/\\s+/).filter(Boolean);
if (words.length === 0) fail("no_words");
return { words: words.length, longest: Math.max(...words.map((word) => word.length)) };
`,
  },
  python: {
    file: "main.py",
    text: `# print shows in \`skill test\`.
def main(input, prev):
    words = input["text"].split()
    if not words:
        fail("no_words")
    return {"words": len(words), "longest": max(len(word) for word in words)}
`,
  },
};

const TEXT = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
const COUNTS = {
  type: "object",
  properties: { words: { type: "integer" }, longest: { type: "integer" } },
  required: ["words", "longest"],
};

/**
 * Writes a small skill that works, for its author to change. Throws INVALID_REQUEST where one of
 * its files is already.
 */
export function initSkill(folder: string, runtime: Runtime): readonly string[] {
  if (folder.trim() === "")
    throw new DomainError("INVALID_REQUEST", "Name the folder, for example my-skill.");
  const { file, text } = CODE[runtime];
  const draft = {
    name: slugOf(basename(resolve(folder))),
    description: "Counts the words of a text.",
    price_per_invocation: 5,
    input_schema: TEXT,
    output_schema: COUNTS,
    example_input: { text: "The quick brown fox" },
    execution_mode: "sealed",
    execution_steps: [{ type: "script", runtime, code_file: file }],
    refusals: { no_words: "The text has no words." },
  };
  const files = { "skill.json": `${JSON.stringify(draft, null, 2)}\n`, [file]: text };
  mkdirSync(folder, { recursive: true });
  const paths = Object.keys(files).map((name) => join(folder, name));
  const taken = paths.find((path) => existsSync(path));
  if (taken !== undefined)
    throw new DomainError("INVALID_REQUEST", `${taken} exists already. Name another folder.`);
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), content, { flag: "wx" });
  return paths;
}

function slugOf(name: string): string {
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return slug.length < 2 ? "my-skill" : slug.slice(0, 64);
}
