import { isDeepStrictEqual } from "node:util";
import { assert } from "../shared/errors.ts";
import { FIELD_MARKS } from "./field-marks.ts";

type Node = { readonly [key: string]: unknown };

const MONEY = "Money";
const MONEY_SCHEMA = { type: "number", description: "US cents" };

/** Schemas that a document names once and refers to. */
export class Shapes {
  readonly #named = new Map<string, Node>([[MONEY, MONEY_SCHEMA]]);

  /**
   * The schema with a reference in place of each part that has a name, and of each amount of money.
   */
  refer(node: Node): Node {
    const { [FIELD_MARKS.shape]: name, ...rest } = node;
    const inner = Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [key, this.#within(key, value)]),
    );
    return typeof name === "string" ? this.#keep(name, inner) : inner;
  }

  all(): Readonly<Record<string, Node>> {
    return Object.fromEntries([...this.#named].sort(([a], [b]) => a.localeCompare(b)));
  }

  #within(key: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#within("", one));
    if (typeof value !== "object" || value === null) return value;
    if (key.endsWith("_cents") && isDeepStrictEqual(value, { type: "number" }))
      return reference(MONEY);
    return this.refer(value as Node);
  }

  #keep(name: string, shape: Node): Node {
    const known = this.#named.get(name);
    assert(known === undefined || isDeepStrictEqual(known, shape), `${name} names one shape`);
    this.#named.set(name, shape);
    return reference(name);
  }
}

function reference(name: string): Node {
  return { $ref: `#/components/schemas/${name}` };
}
