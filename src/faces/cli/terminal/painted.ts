import type { InvocationStatus } from "../../../domain/runs/invocation.ts";
import { bad, doubtful, good, type Painted } from "./screen.ts";

/** The state of a run, in its colour. */
export function painted(status: InvocationStatus, text: string = status): Painted {
  if (status === "completed") return good(text);
  return status === "failed" || status === "expired" ? bad(text) : doubtful(text);
}
