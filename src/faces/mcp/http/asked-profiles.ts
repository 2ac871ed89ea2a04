import type { Operation } from "../../../operations/define-operation.ts";
import { type Profile, type ProfileSettings, profileOf } from "../../../operations/profile.ts";

const MOST_KEPT = 200;

/** Profiles that clients ask for by URL or header, within what the host lets any session use. */
export class AskedProfiles {
  readonly #operations: readonly Operation[];
  readonly #host: ProfileSettings;
  readonly #kept = new Map<string, Profile>();

  constructor(operations: readonly Operation[], host: ProfileSettings) {
    this.#operations = operations;
    this.#host = host;
  }

  /** Throws INVALID_REQUEST for tools that there are not. */
  of(request: Request): Profile {
    const url = new URL(request.url);
    const tools = url.searchParams.get("tools") ?? request.headers.get("x-stack-tools") ?? undefined;
    const asked = url.searchParams.get("readonly") ?? request.headers.get("x-stack-readonly") ?? "";
    const readOnly = /^(?:1|true)$/i.test(asked);
    const key = `${tools} ${readOnly}`;
    const known = this.#kept.get(key);
    if (known) return known;
    const settings = {
      ...this.#host,
      ...(tools === undefined ? {} : { tools: namesIn(tools) }),
      readOnly: readOnly || this.#host.readOnly === true,
    };
    const profile = profileOf(this.#operations, settings, "INVALID_REQUEST");
    const [oldest = ""] = this.#kept.keys();
    if (this.#kept.size >= MOST_KEPT) this.#kept.delete(oldest);
    this.#kept.set(key, profile);
    return profile;
  }
}

/** True when a header names the profile: a list made for it may not be kept for a client that sends none. */
export function saysProfile({ headers }: Request): boolean {
  return headers.has("x-stack-tools") || headers.has("x-stack-readonly");
}

function namesIn(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}
