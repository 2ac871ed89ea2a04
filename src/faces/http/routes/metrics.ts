import { type Context, Hono, type MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { requireScope } from "../../../domain/identity/caller.ts";
import type { Engine } from "../../../operations/engine.ts";
import type { Services } from "../../../services/services.ts";
import { systemClock } from "../../../shared/clock.ts";
import { type AuthenticationParts, authenticated } from "../guard/authenticate.ts";
import type { HttpEnv } from "../http-env.ts";

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25];

/**
 * The route that answers a request; `none` where there is none. What matches every path only looks
 * on.
 */
function routeOf(c: Context): string {
  const routes = matchedRoutes(c).filter(({ path }) => !path.endsWith("*"));
  return routes.at(-1)?.path ?? "none";
}

export interface MetricsParts extends AuthenticationParts {
  readonly engine: Engine;
  readonly services: Services;
}

/**
 * Measurements of a host, for Prometheus. Names of operations and routes are labels, values of
 * callers never.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Histogram({
    name: "stack_http_request_seconds",
    help: "Requests by route and status",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers: [this.#registry],
  });
  readonly #parts: MetricsParts;
  readonly #show: () => Promise<void>;

  constructor(parts: MetricsParts) {
    this.#parts = parts;
    collectDefaultMetrics({ register: this.#registry });
    this.#countCalls();
    this.#show = this.#figures();
  }

  /** Measures every request that passes. */
  middleware(): MiddlewareHandler<HttpEnv> {
    return async (c, next) => {
      const began = systemClock.elapsed();
      await next();
      const labels = { method: c.req.method, route: routeOf(c), status: String(c.res.status) };
      this.#requests.observe(labels, (systemClock.elapsed() - began) / 1_000);
    };
  }

  /** `GET /metrics`, for a key with the scope `admin`. */
  routes(): Hono<HttpEnv> {
    const app = new Hono<HttpEnv>();
    app.get("/metrics", authenticated(this.#parts), async (c: Context<HttpEnv>) => {
      requireScope(c.get("caller"), "admin");
      await this.#show();
      return c.body(await this.#registry.metrics(), 200, {
        "Content-Type": this.#registry.contentType,
      });
    });
    return app;
  }

  #countCalls(): void {
    const calls = new Histogram({
      name: "stack_call_seconds",
      help: "Calls of operations over any face, by outcome: ok, or the code of the error",
      labelNames: ["operation", "outcome"],
      buckets: SECONDS,
      registers: [this.#registry],
    });
    this.#parts.engine.onCall(({ name }, outcome, ms) => {
      calls.observe(
        { operation: name, outcome: outcome.ok ? "ok" : outcome.error.code },
        ms / 1_000,
      );
    });
  }

  /** Gauges, and how to bring them up to date. */
  #figures(): () => Promise<void> {
    const gauge = (name: string, help: string, labelNames: string[] = []) =>
      new Gauge({ name: `stack_${name}`, help, labelNames, registers: [this.#registry] });
    const ended = new Counter({
      name: "stack_invocations_total",
      help: "Invocations by status, and by verdict where they failed",
      labelNames: ["status", "verdict"],
      registers: [this.#registry],
    });
    const queue = gauge("queue_age_seconds", "How long the oldest queued invocation has waited");
    const running = gauge("invocations_running", "Invocations that this process runs");
    const slots = gauge("sandbox_slots", "Invocations that this process can run at once");
    const spares = gauge("sandbox_spares", "Sandbox children that are ready and wait", ["runtime"]);
    const ledger = gauge("ledger_problems", "Broken ledger invariants; anything but 0 is an alarm");
    const money = gauge(
      "money_cents",
      "Money of all operators: wallet, held, earnings not paid out, top-ups",
      ["of"],
    );
    const waiting = gauge(
      "waiting",
      "What waits for somebody: work, approvals, reviews, payouts on their way",
      ["for"],
    );
    return async () => {
      const figures = await this.#parts.services.metrics.read();
      ended.reset();
      for (const { status, verdict, count } of figures.invocations)
        ended.inc({ status, verdict: verdict ?? "" }, count);
      queue.set(figures.queueAgeMs / 1_000);
      running.set(figures.running);
      slots.set(figures.slots);
      for (const [runtime, count] of Object.entries(figures.spares)) spares.set({ runtime }, count);
      ledger.set(figures.ledgerProblems);
      const { money: cents, waiting: waits } = figures;
      money.set({ of: "wallets" }, cents.wallet_cents);
      money.set({ of: "holds" }, cents.held_cents);
      money.set({ of: "earnings" }, cents.earnings_cents);
      money.set({ of: "topups" }, cents.topup_cents);
      waiting.set({ for: "work" }, waits.pending);
      waiting.set({ for: "approval" }, waits.approvals);
      waiting.set({ for: "review" }, waits.reviews);
      waiting.set({ for: "payout" }, waits.unpaid_payouts);
    };
  }
}
