import type { Store } from "../../../storage/store.ts";
import type { Caller } from "../../domain/identity/caller.ts";
import type { ScriptStep, Step } from "../../domain/market/skill.ts";
import { codeHint, isFenced } from "../../domain/runs/code-hints.ts";
import { costMicroUsd, type PriceList } from "../../domain/runs/metering.ts";
import type { ScriptOutcome } from "../../sandbox/outcome.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { type Clock, dayOf } from "../../shared/clock.ts";
import { DomainError } from "../../shared/errors.ts";
import { newId } from "../../shared/ids.ts";
import { Lane } from "../../shared/lane.ts";
import { LIMITS } from "../../shared/limits.ts";

export interface CodeCheckParts {
  readonly store: Store;
  readonly sandbox: Sandbox;
  readonly prices: PriceList;
  readonly clock: Clock;
}

/**
 * Checks that scripts parse, with the runtime that is to run them, in the sandbox. The scripts do
 * not run.
 */
export class CodeCheck {
  readonly #parts: CodeCheckParts;
  readonly #lane = new Lane();

  constructor(parts: CodeCheckParts) {
    this.#parts = parts;
  }

  /**
   * Requires scripts that parse. A check counts as free compute of the caller, but no caller is
   * refused for that. Throws INVALID_REQUEST with step and line, or RATE_LIMITED for a caller with
   * too many waiting checks.
   */
  async requireParsing(caller: Caller, steps: readonly Step[]): Promise<void> {
    const { operatorId } = caller;
    for (const [index, step] of steps.entries()) {
      if (step.type !== "script") continue;
      if (isFenced(step.code))
        throw misfit(step, index, { line: 1, reason: "it begins with a Markdown fence" });
      if (this.#lane.waitingOf(operatorId) >= LIMITS.codeChecksWaiting)
        throw new DomainError(
          "RATE_LIMITED",
          "Too much of your code waits for its check. Publish one skill after the other.",
        );
      const problem = await this.#lane.run(operatorId, () => this.#problemOf(caller, step));
      if (problem) throw misfit(step, index, problem);
    }
  }

  async #problemOf(caller: Caller, step: ScriptStep): Promise<Problem | undefined> {
    const { store, sandbox, clock } = this.#parts;
    const code = store.sealForOnce(`drafts:${newId("sver")}`, step.code);
    const nothing = { input: "null", prev: "null", fetch: noWayOut };
    const job = {
      runtime: step.runtime,
      code,
      ...nothing,
      timeoutMs: LIMITS.stepTimeoutMs,
      parsedOnly: true,
    };
    try {
      const outcome = await sandbox.run(job, clock.deadline(LIMITS.testMs));
      await this.#count(caller, outcome);
      return problemIn(outcome, step.code.split("\n").length);
    } catch (error) {
      // Where nothing can be run, nothing can be looked at either, and that is no fault of the
      // code.
      if (error instanceof DomainError && error.code === "SANDBOX_UNAVAILABLE") return undefined;
      throw error;
    }
  }

  async #count({ operatorId }: Caller, { usage }: ScriptOutcome): Promise<void> {
    const { store, prices, clock } = this.#parts;
    const microUsd = costMicroUsd([{ type: "script", ...usage }], prices);
    if (microUsd === 0) return;
    await store.transact([operatorId], (t) =>
      t.freeCompute.add(operatorId, dayOf(clock.now()), microUsd),
    );
  }
}

async function noWayOut() {
  return { ok: false, code: "FORBIDDEN", message: "Nothing runs here." } as const;
}

interface Problem {
  readonly line?: number | undefined;
  /** The runtime's own words, which may have the code's in them: for its author's eyes. */
  readonly reason: string;
}

function problemIn(outcome: ScriptOutcome, lines: number): Problem | undefined {
  switch (outcome.kind) {
    case "ok":
      return undefined;
    case "error": {
      if (outcome.line !== undefined && outcome.line > lines)
        return { line: lines, reason: "a bracket or a text in it is not closed" };
      // Both runtimes add the place to what they say, in forms of their own.
      const said = outcome.message
        .replace(/^\w+Error: /, "")
        .replace(/ ?[[(]skill\.(?:js|py)[^\])]*[\])]$/, "");
      return { line: outcome.line, reason: said.toWellFormed() };
    }
    case "limit":
      return { reason: "it needs more time or memory than a step has" };
    default:
      // The child was not to be had, or was ended from outside: nothing is known of the code.
      throw new DomainError("BUSY", "The code could not be checked now. Try again in a moment.");
  }
}

function misfit(
  { runtime, code }: ScriptStep,
  index: number,
  { line, reason }: Problem,
): DomainError {
  const field = `execution_steps.${index}.code`;
  const language = runtime === "python" ? "Python" : "JavaScript";
  const where = line === undefined ? "" : ` in line ${line}`;
  const hint = codeHint(runtime, code);
  const message = `${field} does not parse as ${language}${where}: details.said has the reason.${hint === undefined ? "" : ` ${hint}`}`;
  return new DomainError("INVALID_REQUEST", message, {
    field,
    ...(line === undefined ? {} : { line }),
    said: reason,
  });
}
