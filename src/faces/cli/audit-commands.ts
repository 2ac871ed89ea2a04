import { type Command, InvalidArgumentError } from "commander";
import { textOfFile } from "../../shared/text-file.ts";
import { type CliContext, printJson } from "./context.ts";
import { keySourceOf } from "./key-source.ts";
import { counted } from "./numbers.ts";
import { bad, good } from "./terminal/screen.ts";

/** The chain of refusals that are nobody's. */
const UNAUTHENTICATED = "unauthenticated";

interface VerifyOptions {
  readonly file?: string;
  readonly jwks?: string;
  readonly json?: boolean;
}

export function addAuditCommands(
  program: Command,
  context: CliContext,
  ending: (code: number) => void,
): void {
  const audit = program.command("audit").description("the hash-chained audit log");
  audit
    .command("verify")
    .description(
      "verify every chain, or an export without a database; exit code 1 when a chain is broken",
    )
    .option("--file <path>", "an export as JSON lines, instead of the database")
    .option(
      "--jwks <url|path>",
      "the server's public keys, for the checkpoint at the end of an export",
    )
    .option("--json", "print JSON")
    .action(async ({ file, jwks, json }: VerifyOptions) => {
      if (file !== undefined) return verifyFile(context, ending, file, { jwks, json });
      const chains = await context.withServices((services) => services.audit.verify());
      const ok = chains.length > 0 && chains.every((chain) => chain.problem === undefined);
      ending(ok ? 0 : 1);
      if (json)
        return printJson(context, {
          ok,
          chains: chains.map(({ operatorId: operator_id, ...rest }) => ({ operator_id, ...rest })),
        });
      if (chains.length === 0)
        context.screen.say("There is no audit chain in this database: nothing was checked.");
      for (const { operatorId, rows, problem } of chains) {
        context.screen.say([
          `${operatorId}: `,
          problem === undefined ? good(`${counted(rows, "row")}, unbroken`) : bad(problem),
        ]);
      }
    });
  audit
    .command("export")
    .description("an operator's chain as JSON lines, with a signed checkpoint at its end")
    .argument(
      "<operator>",
      "id or name; `unauthenticated` is the chain of refusals without an operator",
    )
    .option("--from <time>", "inclusive, ISO 8601")
    .option("--to <time>", "exclusive, ISO 8601")
    .option("--after-seq <seq>", "only rows after this one", wholeNumber)
    .action((operator: string, range: { from?: string; to?: string; afterSeq?: number }) =>
      context.withServices(async (services) => {
        const isNobodys = operator === UNAUTHENTICATED;
        const id = isNobodys ? operator : (await services.operatorAdmin.show(operator)).operator_id;
        for await (const entry of services.audit.export(id, range)) {
          context.print(JSON.stringify(entry));
        }
      }),
    );
  audit
    .command("pin")
    .description(
      "sign the end of each chain into audit-checkpoints.jsonl, as a running server does every five minutes",
    )
    .action(async () => {
      await context.withServices((services) => services.auditChains.pin());
      context.screen.say(
        "The end of each chain is signed into audit-checkpoints.jsonl in the data folder.",
      );
    });
}

async function verifyFile(
  context: CliContext,
  ending: (code: number) => void,
  file: string,
  { jwks, json }: Omit<VerifyOptions, "file">,
): Promise<void> {
  const source = jwks === undefined ? {} : keySourceOf(jwks);
  const report = await context.offline.verifyExport(textOfFile(file, "INVALID_REQUEST"), source);
  ending(report.problem === undefined ? 0 : 1);
  if (json) return printJson(context, { ok: report.problem === undefined, ...report });
  if (report.problem !== undefined) return context.screen.say(`${file}: ${report.problem}`);
  const summary = {
    good: "the server's checkpoint at its end holds",
    missing: "without a checkpoint at its end: rows after these may be missing",
    not_checked: "its checkpoint was not checked: give --jwks",
  };
  const { from_seq: from = 1, to_seq: to, operator_id: operator } = report;
  const before = from > 1 ? `; rows 1 to ${from - 1} are not in it` : "";
  context.screen.say(
    `${file}: rows ${from} to ${to} of ${operator}, unbroken${before}; ${summary[report.checkpoint]}.`,
  );
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
