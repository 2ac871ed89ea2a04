import { type McpServer, ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import { type Skill, SkillsExtension, skillEntry } from "@modelcontextprotocol/server/ext/skills";
import type { Session } from "../session.ts";

const BASE = "skill://stack/";
const PAGE = 20;
const KEPT = 500;

/** A skill as stack_get_skill shows it, as far as it is needed here. */
interface SourceSkill {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly digest: string;
  readonly execution_mode: string;
  readonly status: string;
  readonly price_per_invocation: number;
  readonly input_schema: unknown;
  readonly output_schema: unknown;
  readonly execution_steps?: readonly SourceStep[];
}

interface SourceStep {
  readonly type: string;
  readonly label?: string;
  readonly runtime?: string;
  readonly code?: string;
  readonly model?: string;
  readonly system_prompt?: string;
  readonly user_message?: string;
}

interface Published {
  readonly entry: Skill;
  readonly files: Readonly<Record<string, string>>;
}

/** By digest and description: of these an entry is made and of nothing else. */
const published = new Map<string, Promise<Published>>();

/**
 * The skills extension: source skills are readable, so a client may take them as skills of its own.
 */
export function serveSkills(mcp: McpServer, session: Session): void {
  const find = async (uri: string): Promise<Published | undefined> => {
    const [id = ""] = uri.startsWith(BASE) ? uri.slice(BASE.length).split("/", 1) : [];
    const outcome = await session.read("stack_get_skill", { skill_id: id });
    const skill = outcome.ok ? (outcome.value as unknown as SourceSkill) : undefined;
    if (skill?.execution_mode !== "source" || skill.status !== "active") return undefined;
    try {
      return await publish(skill);
    } catch (error) {
      // What one publisher wrote ends nobody's list.
      session.log.warn(
        { err: error, skill_id: skill.id },
        "a source skill could not be made a skill of the client's",
      );
      return undefined;
    }
  };
  const list = async (cursor: string | undefined) => {
    const outcome = await session.read("stack_browse_skills", {
      execution_mode: "source",
      limit: PAGE,
      cursor,
    });
    if (!outcome.ok)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, outcome.error.message);
    const items = outcome.value.items as readonly SourceSkill[];
    const found = await Promise.all(items.map(({ id }) => find(`${BASE}${id}/`)));
    const skills = found.flatMap((one) => (one ? [one.entry] : []));
    const next = outcome.value.next_cursor;
    return typeof next === "string" ? { skills, nextCursor: next } : { skills };
  };
  new SkillsExtension({
    baseUri: BASE,
    source: {
      list: ({ cursor }) => list(cursor),
      async get(uri) {
        const skill = await find(uri);
        return skill?.entry.uri === uri ? skill.entry : undefined;
      },
      async read(uri) {
        const skill = await find(uri);
        const folder = skill?.entry.uri.slice(0, -"SKILL.md".length);
        const text =
          folder !== undefined && uri.startsWith(folder)
            ? skill?.files[uri.slice(folder.length)]
            : undefined;
        return text === undefined
          ? undefined
          : { text, mimeType: uri.endsWith(".md") ? "text/markdown" : "text/plain" };
      },
    },
  }).attach(mcp);
}

async function publish(skill: SourceSkill): Promise<Published> {
  const key = `${skill.id}\n${skill.digest}\n${skill.version}\n${skill.description}`;
  const known = published.get(key);
  if (known) return known;
  if (published.size >= KEPT) published.clear();
  const made = entryOf(skill);
  published.set(key, made);
  made.catch(() => published.delete(key));
  return made;
}

async function entryOf(skill: SourceSkill): Promise<Published> {
  const steps = Object.fromEntries(
    (skill.execution_steps ?? []).map((step, index) => fileOf(step, index + 1)),
  );
  const files = { "SKILL.md": await manifestOf(skill, Object.keys(steps)), ...steps };
  return { entry: await skillEntry(`${skill.id}/${skill.name}`, files, { baseUri: BASE }), files };
}

const ENDINGS: Readonly<Record<string, string>> = { javascript: "js", python: "py" };

function fileOf(step: SourceStep, number: number): [string, string] {
  const label = (step.label ?? step.type).toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const stem = `steps/${number}-${label}`;
  if (step.type === "script")
    return [`${stem}.${ENDINGS[step.runtime ?? ""] ?? "txt"}`, step.code ?? ""];
  return [
    `${stem}.md`,
    `# Model ${step.model}\n\n## System prompt\n\n${step.system_prompt ?? ""}\n\n## Message\n\n${step.user_message ?? ""}\n`,
  ];
}

async function manifestOf(skill: SourceSkill, steps: readonly string[]): Promise<string> {
  const { id, name, description, version, digest } = skill;
  // Loaded with the first source skill. Quoted, because a name may read like a number, a date or a
  // yes.
  const { stringify } = await import("yaml");
  const frontmatter = stringify(
    { name, description },
    { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 },
  );
  const price = skill.price_per_invocation === 0 ? "free" : `${skill.price_per_invocation} cents`;
  return `---
${frontmatter}---

# ${name}

Version ${version}, ${digest}, ${price}. The steps are what the server runs, one after the other:

${steps.map((step) => `* [${step}](${step})`).join("\n")}

Run it with \`stack_invoke_skill\` and \`{"skill_id":"${id}","digest":"${digest}","input":…}\`.

## Input

\`\`\`json
${JSON.stringify(skill.input_schema, null, 2)}
\`\`\`

## Output

\`\`\`json
${JSON.stringify(skill.output_schema, null, 2)}
\`\`\`
`;
}
