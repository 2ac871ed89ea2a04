import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Readable, Writable } from "node:stream";
import { HostileJsonError, parseHostileJson } from "../shared/json.ts";
import { LIMITS } from "../shared/limits.ts";
import type { ChildCommand } from "./child-command.ts";
import type { ScriptJob, ScriptOutcome } from "./outcome.ts";
import { type ChildReport, MAX_CHILD_FRAME_BYTES, parseChildReport } from "./protocol.ts";

/** The guest's own file, so that both ends of the pipe agree. */
const { encodeFrame, frameReader } = createRequire(import.meta.url)("./guest/frames.js") as Frames;
type Frames = typeof import("./guest/frames.js");

const WATCHDOG_MS = 25;
const PAGE_BYTES = 4_096;
const MB = 1_024 * 1_024;
/** A child that dies above this without a word was most likely refused memory by the kernel. */
const MEMORY_SUSPICION_MB = 96;
const NO_EGRESS = "proxy_fetch: no host can be reached. This version of stack-mcp has no way out of the sandbox yet.";

type Ending = ScriptOutcome extends infer Outcome ? (Outcome extends unknown ? Omit<Outcome, "usage"> : never) : never;

/**
 * One single-use process. It is treated as hostile: its frames are bounded and checked, and time and memory are measured
 * from here. After its one job, or at `kill`, it is gone.
 */
export class GuestChild {
  /** Resolves when the child can take its job; rejects when it dies before that. */
  readonly ready: Promise<void>;
  readonly closed: Promise<void>;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  #onReport: (report: ChildReport) => void;
  #onDeath: (reason: string) => void;

  constructor(command: ChildCommand) {
    const child = spawn(command.file, command.args, { env: {}, cwd: "/", stdio: ["pipe", "pipe", "ignore"] });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#process = child;
    this.ready = promise;
    this.ready.catch(() => {});
    this.#onReport = ({ message }) => (message.type === "ready" ? resolve() : this.#breach("spoke out of turn"));
    this.#onDeath = (reason) => reject(new Error(`a sandbox child ended before it was ready: ${reason}`));
    this.closed = new Promise((closed) => {
      child.on("close", (code, signal) => {
        this.#onDeath(`exit ${code ?? signal}`);
        closed();
      });
    });
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
    const started = performance.now();
    const meter = { cpuMs: 0, peakMb: 0, fetchCalls: 0 };
    const { promise, resolve: end } = Promise.withResolvers<Ending>();
    const measure = () => {
      meter.peakMb = Math.max(meter.peakMb, this.#privateMb());
      if (meter.peakMb > LIMITS.childMemoryMb) end({ kind: "limit", limit: "memory" });
    };
    const cancel = () => end({ kind: "cancelled" });
    this.#onDeath = (reason) => end(deathOf(reason, meter.peakMb));
    this.#onReport = ({ cpuMs, message }) => {
      meter.cpuMs = cpuMs;
      if (message.type !== "fetch") end(endingOf(message));
      else if (++meter.fetchCalls > LIMITS.fetchCalls) this.#breach("made more proxy_fetch calls than allowed");
      else this.#refuseFetch(message.id);
    };
    const wallTimer = setTimeout(() => end({ kind: "limit", limit: "timeout" }), job.timeoutMs);
    const watchdog = setInterval(measure, WATCHDOG_MS);
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
    this.#start(job);
    try {
      const ending = await promise;
      measure();
      return { ...ending, usage: { wallMs: Math.ceil(performance.now() - started), ...meter } };
    } finally {
      clearTimeout(wallTimer);
      clearInterval(watchdog);
      signal.removeEventListener("abort", cancel);
      this.kill();
    }
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  #receive(text: string): void {
    const report = parseChildReport(text);
    if (report) this.#onReport(report);
    else this.#breach("sent something that is not a message");
  }

  #breach(what: string): void {
    this.#onDeath(`it ${what}`);
    this.kill();
  }

  #start(job: ScriptJob): void {
    const { ciphertext, dataKey, additionalData } = job.code;
    this.#send({
      type: "run",
      code: { ciphertext: ciphertext.toString("base64"), dataKey: dataKey.toString("base64"), additionalData },
      input: JSON.stringify(job.input),
      prev: JSON.stringify(job.prev),
      timeoutMs: job.timeoutMs,
    });
  }

  #refuseFetch(id: number): void {
    this.#send({ type: "refuse", id, reason: NO_EGRESS });
  }

  #send(message: object): void {
    this.#process.stdin.write(encodeFrame(JSON.stringify(message)));
  }

  /** Resident memory that is the child's own; 0 where there is no /proc. */
  #privateMb(): number {
    try {
      const [, resident = 0, shared = 0] = readFileSync(`/proc/${this.#process.pid}/statm`, "latin1")
        .split(" ")
        .map(Number);
      return Math.ceil(((resident - shared) * PAGE_BYTES) / MB);
    } catch {
      return 0;
    }
  }
}

function endingOf(message: Exclude<ChildReport["message"], { type: "fetch" }>): Ending {
  switch (message.type) {
    case "result":
      return resultOf(message.json);
    case "oversize":
      return { kind: "limit", limit: "output_too_large" };
    case "memory":
    case "timeout":
      return { kind: "limit", limit: message.type };
    case "error":
      return { kind: "error", name: message.name, message: message.message, line: lineOf(message) };
    case "ready":
      return { kind: "crashed", reason: "it said twice that it was ready" };
  }
}

function resultOf(json: string): Ending {
  if (Buffer.byteLength(json) > LIMITS.outputBytes) return { kind: "limit", limit: "output_too_large" };
  try {
    return { kind: "ok", value: parseHostileJson(json) };
  } catch (error) {
    if (!(error instanceof HostileJsonError)) throw error;
    return { kind: "error", name: "RangeError", message: `the result is ${error.message}`, line: undefined };
  }
}

/** The publisher's line, as far as the guest's stack can be believed. */
function lineOf(error: { readonly stack: string }): number | undefined {
  const found = /skill\.js:(\d{1,6})/.exec(error.stack);
  return found ? Math.max(1, Number(found[1])) : undefined;
}

function deathOf(reason: string, peakMb: number): Ending {
  if (peakMb > MEMORY_SUSPICION_MB) return { kind: "limit", limit: "memory" };
  return { kind: "crashed", reason };
}
