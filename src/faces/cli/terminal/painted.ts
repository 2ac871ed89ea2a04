import type { InvocationStatus } from "../../../domain/invocation.ts";
import { bad, doubtful, good, type Painted } from "./screen.ts";

/** How a run stands, in the colour of its state. */
export function painted(status: InvocationStatus, text: string = status): Painted {
  if (status === "completed") return good(text);
  return status === "failed" || status === "expired" ? bad(text) : doubtful(text);
}
