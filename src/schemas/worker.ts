import { parentPort } from "node:worker_threads";
import type { Json } from "../shared/json.ts";
import { compileSchema, type Misfit, UnsupportedSchemaError } from "./compile.ts";

const KEPT = 200;

/** `key` names the schema, so that it is compiled once. */
export interface CheckRequest {
  readonly key: string;
  readonly schema: Json;
  /** Without it the schema itself is what is checked. */
  readonly value?: unknown;
}

export type CheckReply =
  | { readonly kind: "checked"; readonly misfits: readonly Misfit[] }
  | { readonly kind: "unsupported"; readonly problem: string };

const compiled = new Map<string, (value: unknown) => readonly Misfit[]>();

parentPort?.on("message", (request: CheckRequest) => parentPort?.postMessage(check(request)));
parentPort?.postMessage("ready");

function check(request: CheckRequest): CheckReply {
  try {
    const validate = compiled.get(request.key) ?? compileSchema(request.schema);
    remember(request.key, validate);
    return { kind: "checked", misfits: "value" in request ? validate(request.value).slice(0, 5) : [] };
  } catch (error) {
    if (error instanceof UnsupportedSchemaError) return { kind: "unsupported", problem: error.message };
    throw error;
  }
}

/** Least recently used goes first. */
function remember(key: string, validate: (value: unknown) => readonly Misfit[]): void {
  compiled.delete(key);
  compiled.set(key, validate);
  const [oldest] = compiled.keys();
  if (compiled.size > KEPT && oldest !== undefined) compiled.delete(oldest);
}
