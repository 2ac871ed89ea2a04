import type { Command } from "commander";
import { DomainError } from "../../shared/errors.ts";
import { type CliContext, printJson } from "./context.ts";
import { keySourceOf, tokenOf } from "./key-source.ts";

interface VerifyOptions {
  readonly jwks?: string;
  readonly issuer?: string;
  readonly revocations?: string;
}

const TOKEN = "the token itself, or - for standard input";

export function addPassportCommands(
  program: Command,
  context: CliContext,
  ending: (code: number) => void,
): void {
  const passport = program.command("passport").description("signed passports of agents");
  passport
    .command("verify")
    .description(
      "verify a passport against this database, or offline with --jwks; exit code 1 when it is not valid",
    )
    .argument("<token>", TOKEN)
    .option("--jwks <url|path>", "the public keys of its server, for an offline check")
    .option("--issuer <iss>", "the required issuer (with --jwks)")
    .option("--revocations <token>", "the signed list of revocations (with --jwks)")
    .action(async (given: string, { jwks, ...options }: VerifyOptions) => {
      const token = tokenOf(given);
      const check = () =>
        jwks === undefined
          ? context.withServices(({ passports }) => passports.verify(token, undefined))
          : context.offline.verifyPassport(token, { ...keySourceOf(jwks), ...options });
      await report(context, ending, check);
    });
  passport
    .command("rotate-key")
    .description("let the next key sign; tokens of the previous key stay valid until they expire")
    .action(async () => {
      const keys = await context.withServices(async (services) => {
        const local = (await services.operators.list()).find(({ is_local }) => is_local);
        return services.signingKeys.rotate(local?.operator_id ?? "");
      });
      context.screen.say(
        `${keys.kid} signs from now on. ${keys.next_kid} is published, and signs next.`,
      );
    });
  program
    .command("receipt")
    .description("signed receipts of invocations")
    .command("verify")
    .description("verify a receipt offline and print its claims; exit code 1 when it is not valid")
    .argument("<token>", TOKEN)
    .option("--jwks <url|path>", "the public keys of its server (default: those of this database)")
    .action(async (given: string, { jwks }: VerifyOptions) => {
      const token = tokenOf(given);
      const own = () => context.withServices((services) => services.signingKeys.jwks());
      await report(context, ending, async () => {
        const source = jwks === undefined ? { jwks: await own() } : keySourceOf(jwks);
        return context.offline.verifyReceipt(token, source);
      });
    });
}

/** Reports the claims of a token, or in one line why the token does not hold. */
async function report(
  context: CliContext,
  ending: (code: number) => void,
  check: () => Promise<object>,
): Promise<void> {
  const claims = await check().catch((error: unknown) => {
    // A missing key decides nothing about the token.
    if (isAboutKeys(error)) throw keysMissing(error);
    if (!(error instanceof Error) || !("refusal" in error || "code" in error)) throw error;
    ending(1);
    context.screen.say(`Not valid: ${error.message}`);
    return undefined;
  });
  if (claims) printJson(context, claims);
}

/** Tells whether keys could not be fetched: no such file, or no answer from the address. */
function isAboutKeys(error: unknown): error is Error {
  if (error instanceof DomainError) return error.code === "INVALID_REQUEST";
  return error instanceof TypeError && error.message === "fetch failed";
}

function keysMissing(error: Error): DomainError {
  if (error instanceof DomainError) return error;
  return new DomainError(
    "INVALID_REQUEST",
    "The keys of --jwks cannot be fetched: check the address.",
    undefined,
    error,
  );
}
