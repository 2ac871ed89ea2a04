type Raw = Readonly<Record<string, unknown>>;

/** Builds `intent` from the flat fields of older clients: a description and service names. */
export function normaliseIssue(raw: Raw): Record<string, unknown> {
  const { intent_description, intent_services, services, ...rest } = raw;
  const named = intent_services ?? services;
  if (intent_description === undefined && named === undefined) return rest;
  if ("intent" in raw) return { ...raw };
  return {
    ...rest,
    intent: { summary: intent_description ?? "Not stated", services: named ?? [] },
  };
}

/** Renames the older prefixes `ppt_` and `pas_` of a jti to `pp_`. */
export function normaliseJti(raw: Raw): Record<string, unknown> {
  const { jti } = raw;
  return typeof jti === "string"
    ? { ...raw, jti: jti.replace(/^(?:ppt|pas)_/, "pp_") }
    : { ...raw };
}

/** Takes the jti out of a token that a client gives instead; reads nothing else of the token. */
export function withJtiOf({ token, ...raw }: Raw): Raw {
  if (token === undefined || "jti" in raw) return token === undefined ? raw : { ...raw, token };
  return { ...raw, jti: jtiIn(String(token)) ?? "" };
}

function jtiIn(token: string): string | undefined {
  try {
    const [, payload = ""] = token.split(".");
    const { jti } = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as {
      jti?: unknown;
    };
    return typeof jti === "string" ? jti : undefined;
  } catch {
    return undefined;
  }
}
