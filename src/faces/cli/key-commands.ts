import { type Command, InvalidArgumentError } from "commander";
import { SCOPES, type Scope } from "../../domain/identity/caller.ts";
import type { KeyView } from "../../services/auth/key-service.ts";
import { type CliContext, printJson } from "./context.ts";

interface CreateOptions {
  readonly name: string;
  readonly scopes?: readonly Scope[];
  readonly expiresDays?: number;
  readonly json?: boolean;
}

export function addKeyCommands(program: Command, context: CliContext): void {
  const key = program.command("key").description("API keys of operators");
  key
    .command("create")
    .description("make a key and print it; it is not shown again")
    .argument("<operator>", "id or name; `local` acts when no key is given")
    .option("--name <name>", "name of the key", "default")
    .option(
      "--scopes <names>",
      `scopes of the key, separated by commas: ${SCOPES.join(", ")} (default: all of its operator)`,
      scopeList,
    )
    .option("--expires-days <days>", "days until the key expires (default: never)", wholeDays)
    .option("--json", "print JSON")
    .action(async (operator: string, { name, scopes, expiresDays, json }: CreateOptions) => {
      const created = await context.withServices(({ keys }) =>
        keys.create({ operator, name, scopes, expiresInDays: expiresDays }),
      );
      if (json) return printJson(context, created);
      context.screen.pairs([...pairsOf(created), ["API key", created.api_key]]);
      context.screen.say(
        "\nKeep the key: it is not shown again. Send it as `Authorization: Bearer …`, or set STACK_API_KEY.",
      );
    });
  key
    .command("list")
    .description("keys without their secrets")
    .argument("[operator]", "id or name")
    .option("--json", "print JSON")
    .action(async (operator: string | undefined, options: { readonly json?: boolean }) => {
      const keys = await context.withServices((services) => services.keys.list(operator));
      if (options.json) return printJson(context, keys);
      if (keys.length === 0)
        context.screen.say("No keys. `stack-mcp key create <operator>` makes one.");
      for (const one of keys) {
        context.screen.title(`${one.key_id} (${one.status})`);
        context.screen.pairs(pairsOf(one));
      }
    });
  key
    .command("revoke")
    .description("revoke a key, at once and in every process")
    .argument("<key_id>", "key_…, as `key list` shows it")
    .option("--json", "print JSON")
    .action(async (keyId: string, options: { readonly json?: boolean }) => {
      const revoked = await context.withServices((services) => services.keys.revoke(keyId));
      if (options.json) return printJson(context, revoked);
      context.screen.say(`${revoked.key_id} of ${revoked.operator} is revoked.`);
    });
}

function pairsOf(key: KeyView): [string, string][] {
  return [
    ["key", key.key_id],
    ["operator", `${key.operator} (${key.operator_id})`],
    ["name", key.name],
    ["scopes", key.scopes.join(", ")],
    ["expires", key.expires_at ?? "never"],
  ];
}

function scopeList(text: string): readonly Scope[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !(SCOPES as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new InvalidArgumentError(
      `There is no scope ${unknown.join(", ")}. Scopes are ${SCOPES.join(", ")}.`,
    );
  return names as Scope[];
}

function wholeDays(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("It must be a whole number of days.");
  return Number(text);
}
