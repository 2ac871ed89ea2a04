import type { HttpBindings } from "@hono/node-server";
import type { Caller } from "../../domain/identity/caller.ts";
import type { Credential } from "../../services/auth/authentication-service.ts";

/** The context in which the handlers of a request find their parts. */
export interface HttpEnv {
  Bindings: HttpBindings;
  Variables: {
    requestId: string;
    /** Set behind `authenticated`. */
    caller: Caller;
    credential: Credential;
    /** The path as it was declared, with names for ids: safe to log. */
    route: string;
  };
}
