import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { Operation } from "../../../operations/define-operation.ts";
import type { Engine } from "../../../operations/engine.ts";
import type { Profile } from "../../../operations/profile.ts";
import { DomainError } from "../../../shared/errors.ts";
import { errorResponse } from "../error-response.ts";
import { type AuthenticationParts, authenticated } from "../guard/authenticate.ts";
import type { HttpEnv } from "../http-env.ts";
import { inputOf } from "./rest-input.ts";

export interface RestParts extends AuthenticationParts {
  readonly engine: Engine;
  readonly operations: readonly Operation[];
  readonly profile: Profile;
  readonly parting: AbortSignal;
}

/** Every operation that has a path, under that path. */
export function restRoutes(parts: RestParts): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  const routed = parts.operations.filter(({ rest }) => rest !== false).sort(fixedPathsFirst);
  app.use("/v1/*", unlessOpen(routed, authenticated(parts), parts));
  for (const operation of routed) {
    const { method, path, status } = restOf(operation);
    app.on(method, path, async (c) => {
      const outcome = await parts.engine.run({
        operation,
        input: await inputOf(c, operation),
        credential: c.get("credential"),
        profile: parts.profile,
        get signal() {
          return c.req.raw.signal;
        },
        parting: parts.parting,
        requestId: c.get("requestId"),
      });
      if (!outcome.ok) return errorResponse(c, outcome.error);
      if (outcome.value.replayed === true) c.header("Idempotent-Replayed", "true");
      return c.json(outcome.value, status);
    });
  }
  for (const [path, methods] of methodsByPath(routed)) app.all(path, (c) => notAllowed(c, methods));
  return app;
}

/** Lets an operation for anybody be asked without a key, counted by address. */
function unlessOpen(
  routed: readonly Operation[],
  authenticate: MiddlewareHandler<HttpEnv>,
  { limits }: RestParts,
): MiddlewareHandler<HttpEnv> {
  const open = routed.filter(({ audience }) => audience === "anyone").map(restOf);
  return async (c, next) => {
    const isOpen = open.some(({ method, path }) => c.req.method === method && c.req.path === path);
    if (!isOpen || c.req.header("authorization") !== undefined) return authenticate(c, next);
    await limits.countStranger(c);
    c.set("credential", { kind: "none" });
    return next();
  };
}

function restOf({ rest }: Operation) {
  if (rest === false) throw new TypeError("an operation without a path is not routed");
  return rest;
}

/** `/v1/skills/mine` is no skill of the name `mine`. */
function fixedPathsFirst(a: Operation, b: Operation): number {
  const shape = (operation: Operation) => restOf(operation).path.replace(/:\w+/g, "~");
  return shape(a) < shape(b) ? -1 : 1;
}

function methodsByPath(routed: readonly Operation[]): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const operation of routed) {
    const { method, path } = restOf(operation);
    paths.set(path, [...(paths.get(path) ?? []), method]);
  }
  return paths;
}

function notAllowed(c: Context<HttpEnv>, methods: readonly string[]): Response {
  c.header("Allow", methods.join(", "));
  return errorResponse(
    c,
    new DomainError("METHOD_NOT_ALLOWED", `This path takes ${methods.join(" and ")}.`),
  );
}
