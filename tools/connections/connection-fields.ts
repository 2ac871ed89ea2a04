import * as z from "zod";
import {
  AUTH_TYPES,
  CONNECTION_STATUSES,
  SERVER_HEADERS,
} from "../../src/domain/identity/connection.ts";
import { ABSENT_IS_LESS } from "../../src/operations/field-marks.ts";
import { LIMITS } from "../../src/shared/limits.ts";
import { Secret } from "../../src/shared/secret.ts";
import { hostPattern, idOf, shown } from "../fields.ts";

export const connectionId = idOf("scon", "a connection of yours");

const printable = (chars: number) =>
  z
    .string()
    .min(1)
    .max(chars)
    .regex(/^[\x20-\x7e]+$/, "must be printable ASCII: a header carries nothing else");

const headerName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9-]+$/, "must be a header name, for example X-Api-Key")
  .refine(
    (name) => !SERVER_HEADERS.includes(name.toLowerCase()),
    "must be a header that the server does not set itself",
  );
const auth = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("bearer") }),
    z.strictObject({ type: z.literal("basic"), username: printable(256) }),
    z.strictObject({
      type: z.literal("header"),
      name: headerName,
      prefix: printable(64).optional().meta(ABSENT_IS_LESS),
    }),
    z.strictObject({ type: z.literal("query"), name: printable(64) }),
  ])
  .describe(`How the secret is sent: ${AUTH_TYPES.join(", ")}`);

/**
 * The fields of `stack_connect_custom_service` beside the provider; an update leaves out those that
 * stay.
 */
export const connectionDraft = {
  display_name: shown(z.string().min(1).max(128)).describe("For people"),
  hosts: z
    .array(hostPattern)
    .min(1)
    .max(16)
    .describe("api.example.com or *.example.com. The secret goes to these hosts only, over https"),
  auth,
  secret: z
    .string()
    .min(LIMITS.secretChars.min)
    .max(LIMITS.secretChars.max)
    .regex(
      /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/,
      "must be printable ASCII without blanks around it",
    )
    .describe("Key, token or password. Sealed at rest, never shown again"),
  verify_url: z
    .url({ protocol: /^https?$/, error: "must be an http(s) address" })
    .max(2_048)
    .describe("Address for stack_verify_connection; a GET of it must need the secret"),
} as const;

/** Wraps the secret of a request in a `Secret`, which no log and no error shows. */
export function hidden<T extends { readonly secret?: string | undefined }>(given: T) {
  const { secret, ...rest } = given;
  return { ...rest, secret: secret === undefined ? undefined : new Secret(secret) };
}

export const connectionView = z.object({
  id: z.string(),
  provider: z.string(),
  display_name: z.string().nullable(),
  hosts: z.array(z.string()).readonly(),
  auth: z.object({
    type: z.enum(AUTH_TYPES),
    username: z.string().optional(),
    name: z.string().optional(),
    prefix: z.string().optional(),
  }),
  verify_url: z.string().nullable(),
  status: z.enum(CONNECTION_STATUSES),
  verified_at: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});
