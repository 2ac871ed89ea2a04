import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  inputResponse,
} from "@modelcontextprotocol/server";
import * as z from "zod";
import { ask, type Input, nonce, sample, type ToolFixture, text } from "./conformance-parts.ts";

/** Tools that come back with questions. */
export const ROUNDS: Record<string, ToolFixture> = {
  test_input_required_result_elicitation: {
    run(_input, { mcpReq }) {
      const answer = acceptedContent(
        mcpReq.inputResponses,
        "user_name",
        z.object({ name: z.string() }),
      );
      return answer
        ? text(`Hello, ${answer.name}!`)
        : inputRequired({ inputRequests: { user_name: ask("What is your name?", "name") } });
    },
  },
  test_input_required_result_sampling: {
    run(_input, { mcpReq }) {
      const answer = inputResponse(mcpReq.inputResponses, "capital_question");
      if (answer.kind === "sampling") return text(JSON.stringify(answer.result.content));
      return inputRequired({
        inputRequests: { capital_question: sample("What is the capital of France?", 100) },
      });
    },
  },
  test_input_required_result_list_roots: {
    run(_input, { mcpReq }) {
      const answer = inputResponse(mcpReq.inputResponses, "client_roots");
      if (answer.kind === "roots") return text(answer.roots.map(({ uri }) => uri).join(","));
      return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
    },
  },
  test_input_required_result_request_state: {
    async run(_input, context, { requestState: codec }) {
      const { mcpReq } = context;
      const answer = acceptedContent<{ ok: boolean }>(mcpReq.inputResponses, "confirm");
      if (answer && mcpReq.requestState<Input>()?.tool === "rs") return text("state-ok");
      return inputRequired({
        inputRequests: { confirm: ask("Please confirm", "ok", "boolean") },
        requestState: await codec.mint({ tool: "rs", n: nonce() }, context),
      });
    },
  },
  test_input_required_result_multiple_inputs: {
    async run(_input, context, { requestState: codec }) {
      const { mcpReq } = context;
      const name = acceptedContent<{ name: string }>(mcpReq.inputResponses, "user_name");
      const greeting = inputResponse(mcpReq.inputResponses, "greeting");
      const roots = inputResponse(mcpReq.inputResponses, "client_roots");
      if (name && greeting.kind === "sampling" && roots.kind === "roots")
        return text(`Hello ${name.name}`);
      return inputRequired({
        inputRequests: {
          user_name: ask("What is your name?", "name"),
          greeting: sample("Generate a greeting", 50),
          client_roots: inputRequired.listRoots(),
        },
        requestState: await codec.mint({ tool: "multi" }, context),
      });
    },
  },
  test_input_required_result_multi_round: {
    async run(_input, context, { requestState: codec }) {
      const { mcpReq } = context;
      const state = mcpReq.requestState<{ round?: number; name?: string }>();
      if (!state?.round) {
        return inputRequired({
          inputRequests: { step1: ask("Step 1: name?", "name") },
          requestState: await codec.mint({ round: 1, n: nonce() }, context),
        });
      }
      if (state.round === 1) {
        const name = acceptedContent<{ name: string }>(mcpReq.inputResponses, "step1")?.name;
        const requestState = await codec.mint({ round: 2, name, n: nonce() }, context);
        return inputRequired({
          inputRequests: { step2: ask("Step 2: favourite color?", "color") },
          requestState,
        });
      }
      const color = acceptedContent<{ color: string }>(mcpReq.inputResponses, "step2")?.color;
      return text(`${state.name} likes ${color}`);
    },
  },
  test_input_required_result_tampered_state: {
    async run(_input, context, { requestState: codec }) {
      const { mcpReq } = context;
      const answer = acceptedContent(mcpReq.inputResponses, "confirm");
      if (mcpReq.requestState() !== undefined && answer) return text("integrity-ok");
      return inputRequired({
        inputRequests: { confirm: ask("Please confirm", "ok", "boolean") },
        requestState: await codec.mint({ tool: "t", n: nonce() }, context),
      });
    },
  },
  test_input_required_result_capabilities: {
    run(_input, { mcpReq }) {
      if (mcpReq.inputResponses !== undefined) return text("fulfilled");
      const envelope = mcpReq.envelope as Record<string, Record<string, unknown>> | undefined;
      const { elicitation, sampling, roots } = envelope?.[CLIENT_CAPABILITIES_META_KEY] ?? {};
      const inputRequests = {
        ...(elicitation ? { user_name: ask("What is your name?", "name") } : {}),
        ...(sampling ? { greeting: sample("greet", 50) } : {}),
        ...(roots ? { client_roots: inputRequired.listRoots() } : {}),
      };
      return Object.keys(inputRequests).length > 0
        ? inputRequired({ inputRequests })
        : text("no capability");
    },
  },
};
