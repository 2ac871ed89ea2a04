import { type Command, InvalidArgumentError, Option } from "commander";
import { DomainError } from "../../shared/errors.ts";
import { type CliContext, printJson } from "./context.ts";

interface ConnectOptions {
  readonly host: readonly string[];
  readonly auth: object;
  readonly verifyUrl?: string;
  readonly secretEnv?: string;
  readonly replace?: boolean;
  readonly json?: boolean;
}

interface Connection {
  readonly id: string;
  readonly provider: string;
  readonly hosts: readonly string[];
  readonly status: string;
}

/** Services of the operator that the command line acts as. */
export function addServiceCommands(program: Command, context: CliContext): void {
  const service = program
    .command("service")
    .description("services that your skills and agents call with your secrets");
  addConnect(service, context);
  addDisconnect(service, context);
  addList(service, context);
}

function addConnect(service: Command, context: CliContext): void {
  service
    .command("connect")
    .description("store a secret for a service, read from standard input or from a variable")
    .argument("<provider>", "the slug that skills ask for, for example slack or openai")
    .addOption(
      new Option("--host <host>", "a host that may get the secret; no other does (repeatable)")
        .argParser(collect)
        .default([], "none")
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--auth <how>", "bearer, basic:<user>, header:<name> or query:<name>")
        .argParser(authOf)
        .default({ type: "bearer" }, "bearer"),
    )
    .option("--secret-env <name>", "the environment variable with the secret")
    .option("--verify-url <url>", "an address that needs the secret on GET; it is verified at once")
    .option("--replace", "replace the provider's existing connection")
    .option("--json", "print JSON")
    .action(async (provider: string, options: ConnectOptions) => {
      const { host: hosts, auth, verifyUrl, json } = options;
      if (hosts.length === 0)
        throw misuse("Name at least one --host: the secret goes there and nowhere else.");
      const secret = await secretOf(options);
      const how = {
        hosts,
        auth,
        secret,
        verify_url: verifyUrl,
      };
      const before = options.replace ? await connectionTo(context, provider) : undefined;
      const made = await (before === undefined
        ? context.call("stack_connect_custom_service", { provider, ...how })
        : context.call("stack_update_connection", { connection_id: before.id, ...how }));
      const verified =
        verifyUrl === undefined
          ? {}
          : await context.call("stack_verify_connection", { connection_id: made.id });
      if (json) return printJson(context, { ...made, ...verified });
      context.screen.say(
        `${provider} is connected (${made.id}): its secret goes to ${hosts.join(", ")} only.`,
      );
      if ("message" in verified) context.screen.say(String(verified.message));
    });
}

function addDisconnect(service: Command, context: CliContext): void {
  service
    .command("disconnect")
    .description("delete a connection and its secret, at once and for good")
    .argument("<provider>", "as service list shows it")
    .action(async (provider: string) => {
      const found = await connectionTo(context, provider);
      if (found === undefined)
        throw misuse(
          `${provider} is not connected. \`stack-mcp service list\` lists the connected services.`,
        );
      await context.call("stack_disconnect_service", { connection_id: found.id });
      context.screen.say(`${provider} is disconnected, and its secret is deleted.`);
    });
}

function addList(service: Command, context: CliContext): void {
  service
    .command("list")
    .description("list connected services, without their secrets")
    .option("--json", "print JSON")
    .action(async ({ json }: { readonly json?: boolean }) => {
      const all = await connections(context);
      if (json) return printJson(context, all);
      if (all.length === 0) context.screen.say("No services.");
      for (const one of all)
        context.screen.entry(one.provider, one.status, one.hosts.join(", "), one.id);
    });
}

async function connections(context: CliContext): Promise<readonly Connection[]> {
  const { items } = await context.call("stack_list_connected_services", {});
  return items as readonly Connection[];
}

async function connectionTo(
  context: CliContext,
  provider: string,
): Promise<Connection | undefined> {
  return (await connections(context)).find((one) => one.provider === provider);
}

/** Reads the secret, never from an argument: shell history and process lists show arguments. */
async function secretOf({ secretEnv }: ConnectOptions): Promise<string> {
  if (secretEnv !== undefined) {
    const { [secretEnv]: secret = "" } = process.env;
    if (secret.trim() === "") throw misuse(`--secret-env: the variable ${secretEnv} is not set.`);
    return secret.trim();
  }
  if (process.stdin.isTTY) {
    throw misuse(
      "Give the secret on standard input (`< file`, or a pipe), or name a variable with --secret-env.",
    );
  }
  let text = "";
  for await (const chunk of process.stdin) text += String(chunk);
  if (text.trim() === "") throw misuse("Standard input has no secret.");
  return text.trim();
}

function authOf(text: string): object {
  const [type = "", name = ""] = text.split(/:(.*)/s);
  if (type === "bearer" && name === "") return { type };
  if (type === "basic" && name !== "") return { type, username: name };
  if ((type === "header" || type === "query") && name !== "") return { type, name };
  throw new InvalidArgumentError("It must be bearer, basic:<user>, header:<name> or query:<name>.");
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function misuse(message: string): DomainError {
  return new DomainError("INVALID_REQUEST", message);
}
