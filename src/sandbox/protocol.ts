import * as z from "zod";
import { LIMITS } from "../shared/limits.ts";

/**
 * The messages of a child. A child is hostile: a message of another form is a breach of the
 * protocol and ends it.
 */
const guestText = z.string().max(LIMITS.guestMessageChars);
const childReport = z.strictObject({
  cpuMs: z.number().int().min(0).max(1_000_000),
  message: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("ready") }),
    z.strictObject({ type: z.literal("result"), json: z.string().max(LIMITS.outputBytes) }),
    z.strictObject({ type: z.literal("oversize") }),
    z.strictObject({ type: z.literal("memory") }),
    z.strictObject({ type: z.literal("timeout") }),
    z.strictObject({ type: z.literal("printed"), text: guestText }),
    z.strictObject({ type: z.literal("refused"), code: guestText }),
    z.strictObject({
      type: z.literal("error"),
      name: guestText,
      message: guestText,
      stack: guestText,
    }),
    z.strictObject({
      type: z.literal("fetch"),
      id: z.number().int().min(1).max(LIMITS.fetchCalls),
      request: z.string().max(LIMITS.fetchRequestBytes),
    }),
  ]),
});

export type ChildReport = z.output<typeof childReport>;

/** A result escaped as JSON inside JSON can double, and a character can take three bytes. */
export const MAX_CHILD_FRAME_BYTES = 6 * LIMITS.outputBytes;

/** Undefined for what is not a report. */
export function parseChildReport(text: string): ChildReport | undefined {
  try {
    return childReport.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The limits that a guest is told. */
export const GUEST_LIMITS = {
  memoryMb: LIMITS.guestMemoryMb,
  fetchCalls: LIMITS.fetchCalls,
  fetchInFlight: LIMITS.fetchInFlight,
  fetchRequestBytes: LIMITS.fetchRequestBytes,
  outputBytes: LIMITS.outputBytes,
  guestMessageChars: LIMITS.guestMessageChars,
  printedLines: LIMITS.printedLines,
} as const;
