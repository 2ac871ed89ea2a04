import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeHome, testEnv } from "./home.ts";
import { programPath, run } from "./program.ts";

export interface TranscriptOptions {
  /** A folder named `.stack-mcp`. */
  readonly home: string;
  readonly env?: Record<string, string>;
}

/**
 * Runs commands of the real program as somebody with `stack-mcp` on the PATH would, in one folder,
 * and keeps what was shown.
 */
export class Transcript {
  readonly folder: string;
  readonly #env: Record<string, string>;
  readonly #link: string;
  readonly #home: string;
  #text = "";

  constructor({ home, env = {} }: TranscriptOptions) {
    this.folder = makeHome();
    const bin = join(this.folder, "bin");
    mkdirSync(bin);
    this.#link = join(bin, "stack-mcp");
    symlinkSync(programPath, this.#link);
    this.#home = home;
    // The usual folder, so that no command has to name it.
    const { STACK_HOME: _, ...plain } = testEnv(home);
    this.#env = {
      ...plain,
      HOME: dirname(home),
      COLUMNS: "80",
      PATH: `${bin}:${process.env.PATH}`,
      ...env,
    };
  }

  /** Runs one command and keeps it, with what went to stdout and stderr and a code other than 0. */
  async run(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const { code, shown } = await this.#execute(args, env);
    const words = args.map((word) => (/[^\w./:=-]/.test(word) ? `'${word}'` : word)).join(" ");
    this.#text += `$ stack-mcp ${words}\n${shown}${code === 0 ? "" : `(exit code ${code})\n`}\n`;
    return shown;
  }

  /** All of it, with a fixed text of the same length where each run has another. */
  toString(): string {
    return masked(this.#text)
      .replaceAll(this.folder, "/folder")
      .replaceAll(this.#home, "/home/.stack-mcp");
  }

  async #execute(
    args: readonly string[],
    env: Record<string, string>,
  ): Promise<{ code: number; shown: string }> {
    const settings = { env: { ...this.#env, ...env }, cwd: this.folder };
    const ran = await run(process.execPath, [this.#link, ...args], settings);
    return { code: ran.code, shown: `${ran.stdout}${ran.stderr}` };
  }
}

function masked(text: string): string {
  return text
    .replace(
      /([a-z]{2,6})_[0-9a-hjkmnp-tv-z]{26}\b/g,
      (_, prefix: string) => `${prefix}_${"0".repeat(26)}`,
    )
    .replace(
      /(sk_(?:live|test)_op_)[\w-]+/g,
      (key, prefix: string) => prefix + "0".repeat(key.length - prefix.length),
    )
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "2026-01-01T00:00:00.000Z")
    .replace(/(?<!\d)20\d\d-\d\d(-\d\d)?\b/g, (date) => "2026-01-01".slice(0, date.length))
    .replace(/\b[0-9a-f]{16,64}\b/g, (hex) => "0".repeat(hex.length))
    .replace(/\d+(?= ms\b)|\d+(?= MB\b)/g, "0");
}
