import { OWNED_SECTIONS, type Row } from "../../../storage/repositories/operator-rows.ts";
import { sealedOwner } from "../../../storage/repositories/sealed-blobs.ts";
import type { SkillVersion } from "../../../storage/repositories/skill-rows.ts";
import type { Reader } from "../../../storage/repository-table.ts";
import type { Store } from "../../../storage/store.ts";
import { requireOperator } from "../auth/named-operator.ts";
import { readSteps } from "../skills/steps.ts";

const AT_ONCE = 200;

export interface OperatorExportParts {
  readonly store: Store;
}

/** Exports all data of one operator. */
export class OperatorExportService {
  readonly #parts: OperatorExportParts;

  constructor(parts: OperatorExportParts) {
    this.#parts = parts;
  }

  /**
   * Yields the text of one JSON object, in pieces: an array of rows for each table. Steps of the
   * operator's skills, and inputs, outputs and notes of its purchases are in clear; secrets of
   * services and keys are left out. `named` is an id or a name. Throws NOT_FOUND.
   */
  async *export(named: string): AsyncGenerator<string> {
    const { id } = await this.#parts.store.read((r) => requireOperator(r, named));
    yield "{\n";
    for (const [at, section] of OWNED_SECTIONS.entries()) {
      yield `${at === 0 ? "" : ",\n"}${JSON.stringify(section)}: [`;
      for (let offset = 0, count = AT_ONCE; count === AT_ONCE; offset += count) {
        const rows = await this.#parts.store.read((r) => rowsWithContent(r, section, id, offset));
        const text = rows.map((row) => JSON.stringify(row)).join(",\n");
        yield `${offset === 0 || rows.length === 0 ? "\n" : ",\n"}${text}`;
        count = rows.length;
      }
      yield "]";
    }
    yield "\n}\n";
  }
}

/** Rows with what is sealed elsewhere and is their operator's own. */
async function rowsWithContent(
  r: Reader,
  section: string,
  operatorId: string,
  offset: number,
): Promise<Row[]> {
  const rows = [];
  for (const row of await r.operatorAdmin.rows(section, operatorId, { limit: AT_ONCE, offset })) {
    rows.push({ ...row, ...(await contentOf(r, section, String(row.id))) });
  }
  return rows;
}

async function contentOf(r: Reader, section: string, id: string): Promise<Row> {
  if (section === "skill_versions") return stepsOf(r, await r.skills.getVersion(id));
  if (section === "checkouts") return { summary: await r.sealed.find(sealedOwner.checkout(id)) };
  if (section !== "invocations") return {};
  return {
    input: await r.sealed.find(sealedOwner.input(id)),
    output: await r.sealed.find(sealedOwner.output(id)),
    note: await r.sealed.find(sealedOwner.note(id)),
    reason: await r.sealed.find(sealedOwner.reason(id)),
  };
}

/** Nothing for a version whose publisher was deleted: its steps are gone. */
async function stepsOf(r: Reader, version: SkillVersion): Promise<Row> {
  const skill = await r.skills.find(version.skill_id);
  const publisher = skill && (await r.operators.find(skill.publisher_id));
  return publisher?.deleted_at === null ? { steps: await readSteps(r, version) } : {};
}
