import * as z from "zod";
import { hiddenJsonProblem, hiddenTextProblem } from "../src/domain/market/hidden-text.ts";
import { isLocalHost } from "../src/domain/runs/hosts.ts";
import {
  ABSENT_IS_LESS,
  ABSENT_IS_MORE,
  ABSENT_STAYS,
  COPIED,
  CUT,
  FIELD_MARKS,
} from "../src/operations/field-marks.ts";
import type { IdPrefix } from "../src/shared/ids.ts";
import type { Json } from "../src/shared/json.ts";
import { LIMITS } from "../src/shared/limits.ts";

/** Fields that several operations share, so that they are described and bounded in one way. */

/**
 * A field that names a thing by its id: `idOf("skl", "a skill of yours")`.
 * test/security/tenants.test.ts finds every such field and tries it with ids of other operators.
 */
export function idOf(prefix: IdPrefix, what?: string): z.ZodString {
  // A skill is also named as publisher/name, or by its name alone where that is enough.
  const field = naming(prefix, z.string().max(prefix === "skl" ? LIMITS.skillNameChars : 64));
  return what === undefined ? field : field.describe(`Id of ${what}, ${prefix}_…`);
}

/** The same for text that may have another form than our ids. */
export function naming(prefix: IdPrefix, field: z.ZodString): z.ZodString {
  return field.meta({ [FIELD_MARKS.names]: prefix });
}

/** Returns a text field that refuses hidden characters: the text is shown to others. */
export function shown(field: z.ZodString): z.ZodString {
  return field.refine((text) => hiddenTextProblem(text) === undefined, {
    error: ({ input }) => hiddenTextProblem(String(input)),
  });
}

/** Marks a field that is named like an id and looks nothing up. `why` is a comment in code. */
export function notAnId<Field extends z.ZodType>(field: Field, _why: string): Field {
  return field.meta({ [FIELD_MARKS.names]: "nothing" });
}

type Optional<Shape extends z.ZodRawShape> = {
  [Field in keyof Shape]: z.ZodOptional<Shape[Field]>;
};

/** Returns the fields of a change; a field left out stays as it is. */
export function staying<const Shape extends z.ZodRawShape>(shape: Shape): Optional<Shape> {
  return optional(shape, ABSENT_STAYS);
}

/** Returns fields that each set a bound; a field left out sets none. */
export function unbounded<const Shape extends z.ZodRawShape>(shape: Shape): Optional<Shape> {
  return optional(shape, ABSENT_IS_MORE);
}

function optional<Shape extends z.ZodRawShape>(
  shape: Shape,
  mark: Readonly<Record<string, string>>,
) {
  const fields = Object.entries(shape).map(([name, field]) => [
    name,
    (field as z.ZodType).optional().meta(mark),
  ]);
  return Object.fromEntries(fields) as Optional<Shape>;
}

/** A bound of what may be spent. */
export const boundCents = z.int().min(0).max(1_000_000_000);

export const skillId = idOf("skl").describe("skl_…");
export const ownSkillId = idOf("skl", "a skill of yours");
export const invocationId = idOf("sinv").describe("sinv_…");

export const limit = z
  .int()
  .min(LIMITS.page.min)
  .max(LIMITS.page.max)
  .default(LIMITS.page.default)
  .describe("Items a page");
export const cursor = z
  .string()
  .max(64)
  .optional()
  .meta({ ...ABSENT_IS_LESS, ...COPIED })
  .describe("next_cursor of the page before");

export function waitMs(defaultMs: number) {
  return z
    .int()
    .min(0)
    .max(LIMITS.waitMs.max)
    .default(defaultMs)
    .meta(CUT)
    .describe("How long to wait for the end, in ms");
}

/** Says which version was read, so that a newer one is not meant by mistake. */
export const digest = z
  .string()
  .max(80)
  .optional()
  .meta({ ...ABSENT_IS_MORE, ...COPIED })
  .describe("Digest of the version you read");

/**
 * A pin to one immutable version. Without one the skill is bought as it is offered, within the same
 * bounds.
 */
export const pin = {
  version: z
    .string()
    .max(64)
    .optional()
    .meta({ ...ABSENT_IS_LESS, ...COPIED })
    .describe("Pin this version"),
  digest: z
    .string()
    .max(80)
    .optional()
    .meta({ ...ABSENT_IS_LESS, ...COPIED })
    .describe("Pin this content"),
} as const;

export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.string().optional() });
}

const HOST =
  /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * A host name, or all below one. This machine's own names stand for the ports that
 * STACK_EGRESS_ALLOW_LOCAL opens.
 */
export const hostPattern = z
  .string()
  .max(253)
  .refine(
    (text) => HOST.test(text) || isLocalHost(text),
    "must be a host name in lower case, such as api.example.com, or *.example.com; egress.hosts takes * for any public host too",
  )
  .meta(COPIED);

/** Any JSON value; a wire and a database hold nothing else. */
export const json = z.unknown() as z.ZodType<Json | undefined>;
export const jsonObject = z.record(z.string(), json);

export const jsonSchema = z
  .union([jsonObject, z.boolean()])
  .refine((schema) => hiddenJsonProblem(schema) === undefined, {
    error: ({ input }) => hiddenJsonProblem(input as Json),
  })
  .meta({ [FIELD_MARKS.holds]: "schema" })
  .describe("JSON Schema; local $ref only");

/** Returns a JSON field that refuses hidden characters: the JSON is shown to others. */
export function shownJson<Field extends z.ZodType>(field: Field): Field {
  return field.refine((value) => hiddenJsonProblem(value as Json) === undefined, {
    error: ({ input }) => hiddenJsonProblem(input as Json),
  });
}

/** Hints of the usual kinds of operation. */
export const READS = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;
export const WRITES = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: false,
  openWorldHint: false,
} as const;
/** Hints of an operation whose repetition changes nothing. */
export const IDEMPOTENT = { ...WRITES, idempotentHint: true } as const;
/** Hints of an operation that ends or deletes something, and whose repetition changes nothing. */
export const CANCELS = { ...IDEMPOTENT, destructiveHint: true } as const;
