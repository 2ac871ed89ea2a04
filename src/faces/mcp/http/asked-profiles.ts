import type { Operation } from "../../../operations/define-operation.ts";
import {
  fitted,
  type Profile,
  type ProfileSettings,
  profileOf,
  type Rights,
} from "../../../operations/profile.ts";

const MAX_KEPT = 200;

/** Profiles that clients ask for by URL or header, within what the host lets any session use. */
export class AskedProfiles {
  readonly #operations: readonly Operation[];
  readonly #host: ProfileSettings;
  readonly #kept = new Map<string, Profile>();

  constructor(operations: readonly Operation[], host: ProfileSettings) {
    this.#operations = operations;
    this.#host = host;
  }

  /**
   * Gives what is asked for, as far as the asker has the rights for it. Throws INVALID_REQUEST for
   * tools that there are not.
   */
  of(request: Request, rights: Rights): Profile {
    const url = new URL(request.url);
    const tools =
      url.searchParams.get("tools") ?? request.headers.get("x-stack-tools") ?? undefined;
    const readonlyText =
      url.searchParams.get("readonly") ?? request.headers.get("x-stack-readonly") ?? "";
    const readOnly = /^(?:1|true)$/i.test(readonlyText);
    const key = JSON.stringify([tools, readOnly, rights.isAgent, rights.scopes]);
    const known = this.#kept.get(key);
    if (known) return known;
    const settings = {
      ...this.#host,
      ...(tools === undefined ? {} : { tools: namesIn(tools) }),
      readOnly: readOnly || this.#host.readOnly === true,
    };
    const profile = fitted(profileOf(this.#operations, settings, "INVALID_REQUEST"), rights);
    const [oldest = ""] = this.#kept.keys();
    if (this.#kept.size >= MAX_KEPT) this.#kept.delete(oldest);
    this.#kept.set(key, profile);
    return profile;
  }
}

function namesIn(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}
