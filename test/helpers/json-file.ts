import { readFileSync, writeFileSync } from "node:fs";

/** Gives an object in a JSON file other fields. */
export function changeJson(file: string, fields: object): void {
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...fields }));
}
