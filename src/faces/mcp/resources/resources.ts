import {
  type McpServer,
  ResourceNotFoundError,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import type { Operation, Resource } from "../../../operations/define-operation.ts";
import { GUIDE } from "../prompts/guide.ts";
import type { Session } from "../session.ts";

const SHORT_TTL = { ttlMs: 0, cacheScope: "private" } as const;
const GUIDE_TTL = { ttlMs: 3_600_000, cacheScope: "public" } as const;
const ID = /^[^/?#]{1,64}$/;

/**
 * The text of a resource, as this session may read it; undefined when it may not or there is none.
 */
export async function readResource(session: Session, uri: string): Promise<string | undefined> {
  for (const { name, resource } of offered(session)) {
    const input = inputFor(resource, uri);
    const outcome = input && (await session.read(name, input));
    if (!outcome?.ok) continue;
    const facts = Object.entries(outcome.value).filter(
      ([field]) => !resource.leaveOut?.includes(field),
    );
    return JSON.stringify(Object.fromEntries(facts));
  }
  return undefined;
}

type Offered = Operation & { readonly resource: Resource };

const OFFERED = new WeakMap<readonly Operation[], readonly Offered[]>();

/** Found once: over HTTP every request has a session of its own. */
function offered({ operations }: Session): readonly Offered[] {
  const known = OFFERED.get(operations);
  if (known) return known;
  const found = operations.filter(
    (operation): operation is Offered => operation.resource !== undefined,
  );
  OFFERED.set(operations, found);
  return found;
}

/** Input of the operation behind a resource; undefined for an address that is not one of its. */
function inputFor({ path, idField }: Resource, uri: string): Record<string, string> | undefined {
  const prefix = `stack://${path}`;
  if (idField === undefined) return uri === prefix ? {} : undefined;
  const id = uri.startsWith(`${prefix}/`) ? uri.slice(prefix.length + 1) : "";
  return ID.test(id) ? { [idField]: id } : undefined;
}

export function registerResources(mcp: McpServer, session: Session): void {
  mcp.registerResource(
    "guide",
    "stack://guide",
    {
      title: "Guide",
      description: "How to buy, sell, ask and pay here",
      mimeType: "text/markdown",
      cacheHint: GUIDE_TTL,
    },
    async (uri) => ({ contents: [{ uri: uri.href, mimeType: "text/markdown", text: GUIDE }] }),
  );
  for (const { resource } of offered(session)) register(mcp, session, resource);
}

function register(
  mcp: McpServer,
  session: Session,
  { name, path, idField, title, description }: Resource,
): void {
  const settings = { title, description, mimeType: "application/json", cacheHint: SHORT_TTL };
  const read = async (uri: URL) => {
    const text = await readResource(session, uri.href);
    if (text === undefined) throw new ResourceNotFoundError(uri.href);
    return { contents: [{ uri: uri.href, mimeType: "application/json", text }] };
  };
  const address = `stack://${path}`;
  if (idField === undefined) mcp.registerResource(name, address, settings, read);
  else
    mcp.registerResource(
      name,
      new ResourceTemplate(`${address}/{id}`, { list: undefined }),
      settings,
      read,
    );
}
