import type { Services } from "../../services/services.ts";
import type { Screen } from "./terminal/screen.ts";

/** A copy of a database, and which key opens what is sealed in it. */
interface BackedUp {
  readonly file: string;
  readonly instance_id: string;
  readonly key_store: string;
  readonly key_fingerprint: string;
}

/** The origin of public keys. */
export interface KeySource {
  readonly jwksUrl?: string;
  readonly jwks?: {
    readonly keys: readonly { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string }[];
  };
}

interface Offline {
  verifyPassport(
    token: string,
    options: KeySource & { readonly issuer?: string; readonly revocations?: string },
  ): Promise<object>;
  verifyReceipt(token: string, source: KeySource): Promise<object>;
  verifyExport(text: string, source: KeySource): Promise<ExportReport>;
}

interface ExportReport {
  readonly rows: number;
  readonly operator_id: string | undefined;
  readonly from_seq: number | undefined;
  readonly to_seq: number | undefined;
  readonly checkpoint: "good" | "missing" | "not_checked";
  readonly problem: string | undefined;
}

/** The context of a command: the services of an opened data folder, and the terminal. */
export interface CliContext {
  /** Opens the data folder, runs `work`, and closes it again. */
  withServices<T>(work: (services: Services) => Promise<T>): Promise<T>;
  /** The path of the data folder; `exists` is true once it has a database. */
  dataFolder(): { readonly home: string; readonly exists: boolean };
  /** The same as `withServices` on a folder that is thrown away. */
  withThrowaway<T>(work: (services: Services) => Promise<T>): Promise<T>;
  /**
   * Calls an operation as the caller of a session over stdio. Throws the refusal.
   */
  call(tool: string, input: object): Promise<Record<string, unknown>>;
  /** Rewrites a message about operations in words of commands. */
  inCommands(message: string): string;
  /** The configuration, secrets left out, with what is odd about it. Throws MISCONFIGURED. */
  settings(): { readonly pairs: readonly [string, string][]; readonly warnings: readonly string[] };
  /** Checks what was signed without opening a data folder. */
  readonly offline: Offline;
  /** Copies the database to a file. */
  backUp(file: string): Promise<BackedUp>;
  /** Restores a copy of the database. */
  restore(
    file: string,
    replace: boolean,
  ): Promise<BackedUp & { readonly database: string; readonly put_aside?: string }>;
  /** Serves HTTP until the process is told to stop; the exit code. */
  serve(options: {
    readonly host: string;
    readonly port: number;
    readonly seed?: boolean;
  }): Promise<number>;
  /** Writes data as it is: JSON, CSV. */
  readonly print: (text: string) => void;
  /** The same without an end of line. */
  readonly write: (text: string) => void;
  /** Writes for people. */
  readonly screen: Screen;
  /** Writes for people, beside what the command prints. */
  readonly complaints: Screen;
}

export function printJson(context: CliContext, value: unknown): void {
  context.print(JSON.stringify(value, null, 2));
}
