import { join } from "node:path";
import Database from "better-sqlite3";
import { createApp } from "../src/app/create-app.ts";
import { loadConfig } from "../src/config/config.ts";
import { searchText } from "../src/domain/market/search-text.ts";
import { profileOf } from "../src/operations/profile.ts";
import { newId } from "../src/shared/ids.ts";
import { createLogger } from "../src/shared/logger.ts";
import { OPERATIONS } from "../tools/registry.ts";
import { type Row, summarise } from "./measure.ts";

const SKILLS = 100_000;
const TIMES = 150;
const WORDS =
  "invoice total tax summary translate text csv json parse convert image resize chart table extract totals swedish german legal contract review audit clean split merge count rank score search index label triage ticket route weather price quote order ship track".split(
    " ",
  );

/**
 * Browsing a marketplace of a hundred thousand skills, beside the bare statements on the same file.
 */
export async function browseRows(env: Record<string, string>, home: string): Promise<Row[]> {
  const app = await createApp(loadConfig({ ...env, STACK_HOME: home }), {
    log: createLogger("silent"),
  });
  const publisher = await app.services.operators.create({
    name: "bench",
    plan: "free",
    fundCents: 0,
    claimTypes: [],
  });
  const raw = new Database(join(home, "stack.db"));
  fill(raw, publisher.operator_id);
  const browse = await operationOn(app, "stack_browse_skills");
  const deep = await deepCursor(browse, SKILLS / 100);
  const middle = SKILLS - 1_000;
  const cases: readonly [what: string, input: object, sql: string, ...values: unknown[]][] = [
    ["first page", {}, `select * from skills where status = 'active' order by seq desc limit 21`],
    [
      "two words, ranked",
      { search: "invoice total" },
      `select skills.* from skills_fts cross join skills on skills.seq = skills_fts.rowid
       where skills_fts match ? and skills_fts.rank match 'bm25(8, 2, 4, 0, 0, 2)' and skills.status = 'active'
       order by skills_fts.rank limit 21`,
      '({found_name found_description found_tags} : ("invoice" * AND "total" *))',
    ],
    [
      "a page a thousand skills deep",
      { cursor: deep },
      `select * from skills where status = 'active' and (seq, seq) < (?, ?) order by seq desc limit 21`,
      middle,
      middle,
    ],
    [
      "three filters, by rating",
      { trust_level: "L2", execution_mode: "source", max_price_cents: 20, sort: "rating" },
      `select * from skills where status = 'active' and trust_level_required = 'L2' and execution_mode = 'source'
       and price_cents <= 20 order by rating_score desc, seq desc limit 21`,
    ],
  ];
  const changes = raw.prepare("update instance set created_at = created_at + 1");
  const rows: Row[] = [];
  for (const [what, input, sql, ...values] of cases) {
    const statement = raw.prepare(sql);
    const floor = await sample(async () => void statement.all(...values));
    const ours = await sample(() => browse(input));
    const fresh = await sample(
      () => browse(input),
      () => void changes.run(),
    );
    rows.push({
      what: `browse, ${what}`,
      ours: ours.p50,
      floor: floor.p50,
      unit: "ms",
      aim: "2 ×",
    });
    rows.push({
      what: `${"".padEnd(4)}after a change to the database`,
      ours: fresh.p50,
      floor: floor.p50,
      unit: "ms",
      aim: "",
    });
    rows.push({
      what: `${"".padEnd(4)}after a change, p95`,
      ours: fresh.p95,
      floor: floor.p95,
      unit: "ms",
      aim: "25 ms",
    });
  }
  raw.close();
  await app.stop(0);
  return rows;
}

type Browse = (input: object) => Promise<{ next_cursor?: string }>;

async function operationOn(
  app: Awaited<ReturnType<typeof createApp>>,
  name: string,
): Promise<Browse> {
  const operation = OPERATIONS.find((one) => one.name === name);
  if (!operation) throw new Error(`there is no ${name}`);
  const profile = profileOf(OPERATIONS);
  const credential = { kind: "local" } as const;
  const { signal } = new AbortController();
  return async (input) => {
    const outcome = await app.engine.run({ operation, input, credential, profile, signal });
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  };
}

/** Follows the pages as a reader would. */
async function deepCursor(browse: Browse, skills: number): Promise<string> {
  let cursor: string | undefined;
  for (let seen = 0; seen < skills; seen += 100) {
    cursor = (await browse({ limit: 100, ...(cursor === undefined ? {} : { cursor }) }))
      .next_cursor;
  }
  return cursor ?? "";
}

function fill(raw: Database.Database, publisherId: string): void {
  const version =
    raw.prepare(`insert into skill_versions (id, skill_id, version, digest, execution_mode, credential_mode,
    trust_level_required, price_cents, invocation_ttl_seconds, input_schema, output_schema, pipeline, created_at)
    values (?, ?, '1.0.0', 'sha256:0', ?, 'none', ?, ?, 1800, '{}', '{}', '[]', 0)`);
  const skill =
    raw.prepare(`insert into skills (id, seq, publisher_id, name, description, tags, status, version_id, version,
    execution_mode, trust_level_required, price_cents, rating_score, invocation_count, created_at, updated_at,
    found_name, found_description, found_tags, found_publisher)
    values (?, ?, ?, ?, ?, ?, 'active', ?, '1.0.0', ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, 'bench')`);
  const word = (n: number) => WORDS[n % WORDS.length] ?? "";
  raw.pragma("foreign_keys = off");
  raw.transaction(() => {
    for (let i = 1; i <= SKILLS; i++) {
      const [id, versionId] = [newId("skl"), newId("sver")];
      const mode = ["open", "sealed", "source"][i % 3];
      const trust = ["L0", "L0", "L0", "L1", "L2"][i % 5];
      const name = `${word(i)}-${word(i * 7)}-${i}`;
      const description = `Does ${word(i * 3)} and ${word(i * 11)} for ${word(i * 13)} with ${word(i * 17)}, number ${i}.`;
      const tags = JSON.stringify([word(i * 5), word(i * 19)]);
      skill.run(
        id,
        i,
        publisherId,
        name,
        description,
        tags,
        versionId,
        mode,
        trust,
        i % 100,
        3 + (i % 200) / 100,
        i % 977,
        searchText(name),
        searchText(description),
        searchText(tags),
      );
      version.run(versionId, id, mode, trust, i % 100);
    }
  })();
  raw.exec("insert into skills_fts (skills_fts) values ('optimize'); analyze");
}

async function sample(
  call: () => Promise<unknown>,
  before: () => void = () => {},
): Promise<{ p50: number; p95: number }> {
  for (let i = 0; i < 20; i++) await call();
  const values = [];
  for (let i = 0; i < TIMES; i++) {
    before();
    const started = performance.now();
    await call();
    values.push(performance.now() - started);
  }
  const sorted = values.sort((a, b) => a - b);
  return { p50: summarise(sorted).p50, p95: sorted[Math.floor(TIMES * 0.95)] ?? Number.NaN };
}
