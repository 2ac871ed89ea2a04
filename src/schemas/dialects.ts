import { Ajv, type Options } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import AjvDraft04 from "ajv-draft-04";
import type { Json } from "../shared/json.ts";

export type Dialect = "draft-04" | "draft-07" | "2019-09" | "2020-12";

const NAMES: Readonly<Record<string, Dialect>> = {
  "json-schema.org/draft-04/schema": "draft-04",
  "json-schema.org/draft-07/schema": "draft-07",
  "json-schema.org/draft/2019-09/schema": "2019-09",
  "json-schema.org/draft/2020-12/schema": "2020-12",
};

/** A schema that names none is of the newest. */
export const STANDARD: Dialect = "2020-12";

/** By whose rules a schema is judged; undefined for a dialect that is not known here. */
export function dialectOf(schema: Json): Dialect | undefined {
  const { $schema: name } = Object(schema) as { readonly $schema?: unknown };
  if (name === undefined) return STANDARD;
  return typeof name === "string"
    ? NAMES[
        name
          .trim()
          .replace(/^https?:\/\//, "")
          .replace(/#$/, "")
      ]
    : undefined;
}

/** The validator of a dialect. */
export function validatorOf(dialect: Dialect): new (options: Options) => Ajv {
  return VALIDATORS[dialect] as new (
    options: Options,
  ) => Ajv;
}

const VALIDATORS = {
  "draft-04": AjvDraft04.default,
  "draft-07": Ajv,
  "2019-09": Ajv2019,
  "2020-12": Ajv2020,
};

/** Of these a reference stands for itself alone. */
export const REFERS_ALONE: readonly Dialect[] = ["draft-04", "draft-07"];
