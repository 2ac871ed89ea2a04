import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Runtime } from "../domain/market/skill.ts";
import { systemClock } from "../shared/clock.ts";
import { type Json, parseHostileJson } from "../shared/json.ts";
import { LIMITS } from "../shared/limits.ts";
import type { ChildCommand } from "./child-command.ts";
import type { Ending } from "./child-ending.ts";
import { deathOf, endingOf } from "./child-ending.ts";
import { type Isolation, innermost, limitDataGrowth, missingLayers } from "./isolation.ts";
import type { FetchAnswer, ScriptJob, ScriptOutcome } from "./outcome.ts";
import { type ChildReport, MAX_CHILD_FRAME_BYTES, parseChildReport } from "./protocol.ts";
import {
  isOutOfDescriptors,
  killWhole,
  outOfDescriptors,
  type PipedProcess,
  spawnChild,
} from "./spawn-child.ts";

/** The guest's own file, so that both ends of the pipe agree. */
const { encodeFrame, frameReader } = createRequire(import.meta.url)("./guest/frames.js") as Frames;
type Frames = typeof import("./guest/frames.js");

const WATCHDOG_MS = 25;
/** Each run has randomness of its own. */
const ENTROPY_BYTES = 32;
const PAGE_BYTES = 4_096;
const MB = 1_024 * 1_024;
const TICK_MS = 10;
/** The memory that a script may add to Python's own: its 128 MB, and V8's need beside them. */
const PYTHON_GROWTH_MB = 192;
type FetchCall = Extract<ChildReport["message"], { type: "fetch" }>;

/**
 * One single-use process. It is treated as hostile: its frames are bounded and checked, every quota
 * is counted again here, and time and memory are measured from here. After its one job, or at
 * `kill`, it is gone.
 */
export class GuestChild {
  /**
   * Resolves when the child can take its job; rejects when it dies before that, or lacks a layer
   * that it should have.
   */
  readonly ready: Promise<void>;
  /** Resolves when the process is gone, and whatever looked at it. */
  readonly closed: Promise<void>;
  readonly #runtime: Runtime;
  readonly #process: PipedProcess;
  /** The process that runs the guest, which bubblewrap stands before. */
  #pid = 0;
  #inspected: Promise<void> = Promise.resolve();
  #onReport: (report: ChildReport) => void;
  #onDeath: (reason: string) => void;

  constructor(runtime: Runtime, command: ChildCommand, isolation: Isolation) {
    const child = spawnChild(command);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#runtime = runtime;
    this.#process = child;
    this.ready = promise;
    this.ready.catch(() => {});
    this.#onDeath = (reason) => reject(new Error(`a child ended before it was ready: ${reason}`));
    this.#onReport = ({ message }) => {
      if (message.type !== "ready") return this.#breach("spoke out of turn");
      this.#inspected = this.#inspect(isolation).then(resolve, (error: Error) => {
        // That the server cannot look says nothing of the child.
        if (isOutOfDescriptors(error)) reject(outOfDescriptors(error));
        this.#breach(error.message);
      });
    };
    const gone = new Promise<void>((closed) => {
      child.on("close", (code, signal) => {
        this.#onDeath(`exit ${code ?? signal}`);
        closed();
      });
    });
    this.closed = gone.then(() => this.#inspected);
    child.on("error", (error) => this.#onDeath(error.message));
    child.stdin.on("error", () => {});
    child.stdout.on("error", () => {});
    child.stdout.on(
      "data",
      frameReader(MAX_CHILD_FRAME_BYTES, {
        onFrame: (text) => this.#receive(text),
        onOversize: (bytes) => this.#breach(`announced a frame of ${bytes} bytes`),
      }),
    );
  }

  /** Runs the job to a verdict and kills the child. Never rejects. */
  async run(job: ScriptJob, signal: AbortSignal): Promise<ScriptOutcome> {
    const started = systemClock.elapsed();
    const meter = { cpuMs: 0, peakMb: 0, fetchCalls: 0 };
    const printed: string[] = [];
    const { promise, resolve } = Promise.withResolvers<Ending>();
    // Nothing that it says after its verdict is heard, not even in the same chunk.
    const end = (ending: Ending) => {
      this.#onReport = () => {};
      resolve(ending);
    };
    const over = new AbortController();
    const calls = new Map<number, Promise<void>>();
    const memoryMb = LIMITS.childMemoryMb[this.#runtime];
    const cpuBefore = this.#cpuMs();
    const measure = () => {
      meter.peakMb = Math.max(meter.peakMb, this.#privateMb());
      meter.cpuMs = Math.max(meter.cpuMs, this.#cpuMs() - cpuBefore);
      if (meter.peakMb > memoryMb) end({ kind: "limit", limit: "memory" });
    };
    const cancel = () => end({ kind: "cancelled" });
    const fetch = (call: FetchCall) => {
      if (meter.fetchCalls >= LIMITS.fetchCalls)
        return this.#breach("made more proxy_fetch calls than allowed");
      meter.fetchCalls++;
      if (calls.size >= LIMITS.fetchInFlight)
        return this.#breach("had more proxy_fetch calls in flight than allowed");
      if (calls.has(call.id)) return this.#breach("used the number of a call twice");
      calls.set(
        call.id,
        this.#answer(call, job, over.signal).finally(() => calls.delete(call.id)),
      );
    };
    this.#onDeath = (reason) => end(deathOf(reason, meter.peakMb, memoryMb));
    this.#onReport = ({ cpuMs, message }) => {
      meter.cpuMs = Math.max(meter.cpuMs, cpuMs);
      if (message.type === "fetch") fetch(message);
      else if (message.type === "printed") {
        if (!job.traced || printed.length >= LIMITS.printedLines)
          return this.#breach("printed more than was wanted");
        printed.push(message.text);
      } else end(endingOf(message));
    };
    const wallTimer = systemClock.after(job.timeoutMs, () =>
      end({ kind: "limit", limit: "timeout" }),
    );
    const watchdog = systemClock.every(WATCHDOG_MS, measure);
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
    this.#start(job);
    try {
      const ending = await promise;
      measure();
      const lines = printed.length === 0 ? {} : { printed };
      return {
        ...ending,
        ...lines,
        usage: { wallMs: Math.ceil(systemClock.elapsed() - started), ...meter },
      };
    } finally {
      wallTimer.cancel();
      watchdog.cancel();
      signal.removeEventListener("abort", cancel);
      this.kill();
      over.abort();
      // What they cost is known before the step is over.
      await Promise.all(calls.values());
    }
  }

  kill(): void {
    killWhole(this.#process);
  }

  /** Looks at what the kernel says of the process, once it is up. */
  async #inspect(isolation: Isolation): Promise<void> {
    const { pid = 0 } = this.#process;
    this.#pid = isolation.namespaces === "bubblewrap" ? innermost(pid) : pid;
    const missing = missingLayers(isolation, this.#pid);
    if (missing.length > 0) throw new Error(`runs without ${missing.join(", ")}`);
    if (this.#runtime === "python") await limitDataGrowth(isolation, this.#pid, PYTHON_GROWTH_MB);
  }

  #receive(text: string): void {
    const report = parseChildReport(text);
    if (report) this.#onReport(report);
    else this.#breach("sent something that is not a message");
  }

  #breach(what: string): void {
    this.#onReport = () => {};
    this.#onDeath(`it ${what}`);
    this.kill();
  }

  #start(job: ScriptJob): void {
    const { ciphertext, dataKey, additionalData } = job.code;
    void this.#send({
      type: "run",
      code: {
        ciphertext: ciphertext.toString("base64"),
        dataKey: dataKey.toString("base64"),
        additionalData,
      },
      input: job.input,
      prev: job.prev,
      timeoutMs: job.timeoutMs,
      entropy: randomBytes(ENTROPY_BYTES).toString("base64"),
      traced: job.traced === true,
      parsedOnly: job.parsedOnly === true,
    });
  }

  /**
   * In flight until the child has taken the answer: one that does not read holds nothing more than
   * its calls at once.
   */
  async #answer({ id, request }: FetchCall, job: ScriptJob, signal: AbortSignal): Promise<void> {
    const answer = await answerOf(request, job, signal);
    if (signal.aborted) return;
    const { ok } = answer;
    const json = JSON.stringify(
      ok ? answer.response : { code: answer.code, message: answer.message },
    );
    await this.#send({ type: "deliver", id, ok, json }, signal);
  }

  async #send(message: object, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    signal?.addEventListener("abort", () => resolve(), { once: true });
    this.#process.stdin.write(encodeFrame(JSON.stringify(message)), () => resolve());
    await promise;
  }

  /** Resident memory that is the child's own; 0 where there is no /proc. */
  #privateMb(): number {
    try {
      const [, resident = 0, shared = 0] = readFileSync(`/proc/${this.#pid}/statm`, "latin1")
        .split(" ")
        .map(Number);
      return Math.ceil(((resident - shared) * PAGE_BYTES) / MB);
    } catch {
      return 0;
    }
  }

  /** Since it began, by the kernel's clock; 0 where there is no /proc. */
  #cpuMs(): number {
    try {
      const stat = readFileSync(`/proc/${this.#pid}/stat`, "latin1");
      // Behind the name, which may hold anything, user and system time are the twelfth and the
      // thirteenth.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    } catch {
      return 0;
    }
  }
}

async function answerOf(
  request: string,
  job: ScriptJob,
  signal: AbortSignal,
): Promise<FetchAnswer> {
  // The guest counts characters, of which each is up to three bytes.
  if (Buffer.byteLength(request) > LIMITS.fetchRequestBytes) {
    const message = `proxy_fetch: the request is larger than ${LIMITS.fetchRequestBytes} bytes.`;
    return { ok: false, code: "INVALID_REQUEST", message };
  }
  let parsed: Json;
  try {
    parsed = parseHostileJson(request);
  } catch {
    return {
      ok: false,
      code: "INVALID_REQUEST",
      message: "proxy_fetch: the request is not JSON that can be read.",
    };
  }
  return job.fetch(parsed, signal);
}
