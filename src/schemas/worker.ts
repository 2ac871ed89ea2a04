import { parentPort } from "node:worker_threads";
import type { Json } from "../shared/json.ts";
import { CompiledSchemas, type Misfit, UnsupportedSchemaError } from "./compile.ts";

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

const compiled = new CompiledSchemas();

parentPort?.on("message", (request: CheckRequest) => parentPort?.postMessage(check(request)));
parentPort?.postMessage("ready");

function check(request: CheckRequest): CheckReply {
  try {
    const misfits = compiled.get(request.key, request.schema);
    return { kind: "checked", misfits: "value" in request ? misfits(request.value) : [] };
  } catch (error) {
    if (error instanceof UnsupportedSchemaError)
      return { kind: "unsupported", problem: error.message };
    throw error;
  }
}
