import * as z from "zod";
import { OPTIONAL_LAYERS } from "../domain/runs/isolation.ts";
import { LIMITS } from "../shared/limits.ts";
import { LOG_LEVELS } from "../shared/logger.ts";
import { DEFAULT_HOME } from "./default-home.ts";

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, "is not a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `is not between ${min} and ${max}`);

/** Names with commas between. */
export const nameList = z.string().transform((text) =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean),
);

const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\])$/;
const LOCAL_PORT = /^(?:127\.0\.0\.1|localhost|\[::1\]):\d{1,5}$/;

/** Environment variables the program reads. Empty strings count as unset. */
export const envSchema = z.object({
  STACK_HOME: z.string().default(DEFAULT_HOME),
  STACK_API_KEY: z.string().optional(),
  STACK_MASTER_KEY: z
    .string()
    .regex(
      /^(?:[0-9a-fA-F]{64}|[A-Za-z0-9+/_-]{43}=?)$/,
      "is not 32 bytes as 64 hex digits or base64; make one with `openssl rand -hex 32`",
    )
    .optional(),
  STACK_TOOLS: nameList.optional(),
  STACK_EXCLUDE_TOOLS: nameList.optional(),
  STACK_READ_ONLY: z
    .enum(["1", "0", "true", "false"], "can only be 1, 0, true or false")
    .optional(),
  STACK_ELICITATION: z.enum(["on", "off"], "can only be `on` or `off`").optional(),
  STACK_LLM_FALLBACK: z.enum(["stand-in"], "can only be `stand-in`").optional(),
  OPENAI_API_KEY: z.string().optional(),
  OPENAI_BASE_URL: z.url({ protocol: /^https?$/, error: "is not an http(s) URL" }).optional(),
  STACK_STEP_TIMEOUT_MS: wholeNumber(100, LIMITS.stepTimeoutMs).optional(),
  STACK_SANDBOX_SLOTS: wholeNumber(1, 256).optional(),
  STACK_SANDBOX_REQUIRE: nameList
    .pipe(
      z.array(
        z.enum(OPTIONAL_LAYERS, `names a layer that is not one of ${OPTIONAL_LAYERS.join(", ")}`),
      ),
    )
    .optional(),
  STACK_EGRESS_ALLOW_LOCAL: nameList
    .pipe(
      z.array(
        z
          .string()
          .regex(
            LOCAL_PORT,
            "names something that is not 127.0.0.1:PORT, localhost:PORT or [::1]:PORT",
          ),
      ),
    )
    .optional(),
  STACK_EGRESS_PROXY: z
    .url({ protocol: /^http$/, error: "is not an http:// address of a proxy" })
    .optional(),
  STACK_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: "is not an http(s) URL, such as https://stack.example" })
    .refine(
      // What is no address at all was told of already.
      (text) => (URL.parse(text)?.pathname ?? "/") === "/" && !/[?#]/.test(text),
      "has a path: give only scheme, host and port",
    )
    .optional(),
  STACK_ALLOWED_HOSTS: nameList
    .pipe(
      z.array(
        z
          .string()
          .regex(
            HOST_NAME,
            "names something that is not a host name in lower case, without a port",
          ),
      ),
    )
    .optional(),
  STACK_LOG: z.enum(LOG_LEVELS, `is not one of ${LOG_LEVELS.join(", ")}`).default("warn"),
});

export type Env = z.output<typeof envSchema>;
