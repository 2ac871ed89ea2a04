import { type SeedSkill, script } from "./seed-skill.ts";

const CSV_TO_JSON = `let csv = $INPUT.csv.replace(/^\\uFEFF/, "");
// Excel may say its separator in a line of its own.
const said = /^sep=(.)\\r?\\n/.exec(csv);
if (said) csv = csv.slice(said[0].length);
const head = csv.split("\\n", 1)[0].replace(/"[^"]*"/g, "");
const often = (sign) => head.split(sign).length;
const separator = $INPUT.separator ?? said?.[1] ?? [",", ";", "\\t", "|"].sort((a, b) => often(b) - often(a))[0];
const records = [];
let record = [];
let field = "";
let quoted = false;
for (let i = 0; i < csv.length; i++) {
  const char = csv[i];
  if (quoted) {
    if (char === '"' && csv[i + 1] === '"') {
      field += '"';
      i++;
    } else if (char === '"') quoted = false;
    else field += char;
  } else if (char === '"' && field === "") quoted = true;
  else if (char === separator) {
    record.push(field);
    field = "";
  } else if (char === "\\n") {
    records.push([...record, field.replace(/\\r$/, "")]);
    record = [];
    field = "";
  } else field += char;
}
if (field !== "" || record.length > 0) records.push([...record, field]);
const [header = [], ...lines] = records.filter((each) => each.length > 1 || each[0] !== "");
const names = [];
for (const [index, title] of header.entries()) {
  const name = title.trim() || "column_" + (index + 1);
  names.push(names.includes(name) ? name + "_" + (index + 1) : name);
}
// A column holds numbers when each of its values is one that loses nothing: an id with leading zeros stays text.
const point = /^-?(?:0|[1-9]\\d{0,14})(?:\\.\\d{1,9})?$/;
const comma = /^-?(?:0|[1-9]\\d{0,2}(?:\\.\\d{3})*|[1-9]\\d{0,14})(?:,\\d{1,9})?$/;
const form = separator === ";" && lines.some((line) => line.some((text) => /^-?[\\d.]+,\\d+$/.test(text))) ? comma : point;
const isNumeric = names.map((_, i) => {
  const values = lines.map((line) => line[i] ?? "").filter((text) => text !== "");
  return values.length > 0 && values.every((text) => form.test(text) && text.replace(/\\D/g, "").length < 16);
});
const numberOf = (text) => Number(form === comma ? text.replace(/\\./g, "").replace(",", ".") : text);
const valueOf = (text, i) => (isNumeric[i] && text !== "" ? numberOf(text) : text);
return { rows: lines.map((line) => Object.fromEntries(names.map((name, i) => [name, valueOf(line[i] ?? "", i)]))) };`;

const COLUMN_STATS = `const columns = {};
for (const row of $INPUT.rows) {
  for (const [name, value] of Object.entries(row)) if (typeof value === "number") (columns[name] ??= []).push(value);
}
const round = (number) => Math.round(number * 1e6) / 1e6;
const stats = Object.entries(columns).map(([column, values]) => {
  const sorted = [...values].sort((a, b) => a - b);
  const sum = values.reduce((total, value) => total + value, 0);
  const mean = sum / values.length;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return {
    column,
    count: values.length,
    min: sorted[0],
    max: sorted.at(-1),
    sum: round(sum),
    mean: round(mean),
    median: round(median),
    deviation: round(Math.sqrt(variance)),
  };
});
return { stats };`;

const JSON_DIFF = `const changes = [];
const compare = (before, after, path) => {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const both = [before, after].every((value) => typeof value === "object" && value !== null);
  if (!both || Array.isArray(before) !== Array.isArray(after)) {
    const kind = before === undefined ? "added" : after === undefined ? "removed" : "changed";
    changes.push({ path: path || "/", kind, before: before ?? null, after: after ?? null });
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    compare(before[key], after[key], path + "/" + key.replace(/~/g, "~0").replace(/\\//g, "~1"));
  }
};
compare($INPUT.before, $INPUT.after, "");
return { changes: changes.slice(0, 500), equal: changes.length === 0 };`;

const CHECK_IBAN = `const iban = $INPUT.iban.replace(/\\s/g, "").toUpperCase();
const wellFormed = /^[A-Z]{2}\\d{2}[A-Z0-9]{11,30}$/.test(iban);
const moved = iban.slice(4) + iban.slice(0, 4);
const digits = moved.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
let rest = 0;
if (wellFormed) for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
return { valid: wellFormed && rest === 1, country: wellFormed ? iban.slice(0, 2) : "" };`;

const ROWS = { type: "array", items: { type: "object" } };

/** Tables and numbers. Two of these feed each other, for stack_suggest_composition to find. */
export const DATA_BENCH: readonly SeedSkill[] = [
  {
    name: "csv-to-json",
    description:
      "Convert CSV with a header, of a spreadsheet too, into JSON rows; columns of numbers as numbers, ids as they are.",
    tags: ["csv", "json", "spreadsheet", "conversion"],
    execution_mode: "sealed",
    price_per_invocation: 3,
    input_schema: {
      type: "object",
      properties: {
        csv: { type: "string", maxLength: 500000 },
        separator: { type: "string", maxLength: 1 },
      },
      required: ["csv"],
    },
    output_schema: { type: "object", properties: { rows: ROWS }, required: ["rows"] },
    example_input: { csv: "id,name,qty\n007,Ann,3\n042,Bo,4.5" },
    example_output: {
      rows: [
        { id: "007", name: "Ann", qty: 3 },
        { id: "042", name: "Bo", qty: 4.5 },
      ],
    },
    execution_steps: [script(CSV_TO_JSON)],
  },
  {
    name: "column-statistics",
    description:
      "Minimum, maximum, sum, mean, median and deviation of every numeric column of JSON rows.",
    tags: ["json", "statistics"],
    execution_mode: "sealed",
    price_per_invocation: 2,
    input_schema: { type: "object", properties: { rows: ROWS }, required: ["rows"] },
    output_schema: {
      type: "object",
      properties: {
        stats: { type: "array", items: { type: "object", required: ["column", "count", "mean"] } },
      },
      required: ["stats"],
    },
    example_input: { rows: [{ qty: 1 }, { qty: 2 }, { qty: 6 }] },
    example_output: {
      stats: [
        {
          column: "qty",
          count: 3,
          min: 1,
          max: 6,
          sum: 9,
          mean: 3,
          median: 2,
          deviation: 2.160247,
        },
      ],
    },
    execution_steps: [script(COLUMN_STATS)],
  },
  {
    name: "json-diff",
    description: "Compare two JSON values and list what was added, removed and changed, by path.",
    tags: ["json", "diff"],
    execution_mode: "source",
    price_per_invocation: 0,
    input_schema: {
      type: "object",
      properties: { before: {}, after: {} },
      required: ["before", "after"],
    },
    output_schema: {
      type: "object",
      properties: { changes: { type: "array" }, equal: { type: "boolean" } },
      required: ["changes", "equal"],
    },
    example_input: { before: { a: 1, b: 2 }, after: { a: 1, b: 3 } },
    example_output: {
      changes: [{ path: "/b", kind: "changed", before: 2, after: 3 }],
      equal: false,
    },
    execution_steps: [script(JSON_DIFF)],
  },
  {
    name: "check-iban",
    description: "Check an IBAN by its check digits, and name its country code.",
    tags: ["validation", "banking"],
    execution_mode: "source",
    price_per_invocation: 1,
    input_schema: {
      type: "object",
      properties: { iban: { type: "string", maxLength: 64 } },
      required: ["iban"],
    },
    output_schema: {
      type: "object",
      properties: { valid: { type: "boolean" }, country: { type: "string" } },
      required: ["valid", "country"],
    },
    example_input: { iban: "DE89 3704 0044 0532 0130 00" },
    example_output: { valid: true, country: "DE" },
    execution_steps: [script(CHECK_IBAN)],
  },
  {
    name: "always-fails",
    description: "Throws an error, on purpose: try it to see that a failed run costs nothing.",
    tags: ["example", "failure"],
    execution_mode: "sealed",
    price_per_invocation: 10,
    input_schema: { type: "object" },
    output_schema: { type: "object" },
    example_input: {},
    execution_steps: [script('throw new Error("as promised");')],
  },
];
