import type { Services } from "../../services/services.ts";

/** A copy of a database, and which key opens what is sealed in it. */
interface BackedUp {
  readonly file: string;
  readonly instance_id: string;
  readonly key_store: string;
  readonly key_fingerprint: string;
}

/** What a command is given: the services of an opened data folder, and the terminal. */
export interface CliContext {
  /** Opens the data folder, runs `work`, and closes it again. */
  withServices<T>(work: (services: Services) => Promise<T>): Promise<T>;
  /** Calls an operation as the caller that a session over stdio would be. Throws what it is refused with. */
  call(tool: string, input: object): Promise<Record<string, unknown>>;
  /** Copies the database to a file. */
  backUp(file: string): Promise<BackedUp>;
  /** Puts a copy in place. */
  restore(
    file: string,
    replace: boolean,
  ): Promise<BackedUp & { readonly database: string; readonly put_aside?: string }>;
  /** Serves HTTP until the process is told to stop; the exit code. */
  serve(options: { readonly host: string; readonly port: number }): Promise<number>;
  readonly print: (text: string) => void;
}

export function printJson(context: CliContext, value: unknown): void {
  context.print(JSON.stringify(value, null, 2));
}

/** Two columns: a name and what it is. */
export function printPairs(context: CliContext, pairs: readonly (readonly [string, string])[]): void {
  const width = Math.max(...pairs.map(([name]) => name.length));
  for (const [name, value] of pairs) context.print(`  ${name.padEnd(width)}  ${value}`);
}
