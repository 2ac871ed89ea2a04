import { DomainError } from "../shared/errors.ts";

/**
 * Collects the problems of all parts of a configuration in one list.
 */
export class Problems {
  readonly #found: string[] = [];
  readonly #warnings: string[] = [];

  add(...problems: readonly string[]): void {
    this.#found.push(...problems);
  }

  /** Gives what `read` gives; undefined where it throws MISCONFIGURED, whose problems are kept. */
  collect<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== "MISCONFIGURED") throw error;
      const { problems = [error.message.replace(/\.$/, "")], warnings = [] } = (error.details ??
        {}) as {
        problems?: string[];
        warnings?: string[];
      };
      this.add(...problems);
      this.#warnings.push(...warnings);
      return undefined;
    }
  }

  /** Warnings of what could not be read. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  get any(): boolean {
    return this.#found.length > 0;
  }

  /**
   * MISCONFIGURED, with each problem in its message and in `details.problems`, what is only odd in
   * `details.warnings`.
   */
  toError(warnings: readonly string[]): DomainError {
    const message = `The configuration is not usable: ${this.#found.join("; ")}.`;
    return new DomainError("MISCONFIGURED", message, {
      problems: this.#found,
      warnings: [...warnings],
    });
  }
}
