import type { CliContext } from "./context.ts";

interface Listed {
  readonly items: readonly unknown[];
  readonly next_cursor?: string;
}

const PAGE = 100;

/** Gives what a listing operation has, page after page, at most `most` of it. */
export async function listAll<Item>(
  context: CliContext,
  tool: string,
  asked: Readonly<Record<string, unknown>> = {},
  most = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE, most - found.length);
    const page = await context.call(tool, {
      ...asked,
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const { items, next_cursor } = page as unknown as Listed;
    found.push(...(items as readonly Item[]));
    cursor = next_cursor;
  } while (cursor !== undefined && found.length < most);
  return found;
}
