import type { Invocation } from "../../../../storage/repositories/invocations.ts";
import { isRunHere } from "../../../domain/market/skill.ts";
import type { CallOptions } from "../../call-options.ts";
import type { StepReport } from "../run/invocation-worker.ts";

type Progress = NonNullable<CallOptions["progress"]>;

/** Reports the progress of an open skill's provider whenever it grows. */
export function workReporter(progress: Progress | undefined): (invocation: Invocation) => void {
  let reported = -1;
  return ({ execution_mode, status, progress: percent }) => {
    if (!progress || isRunHere(execution_mode) || status !== "processing") return;
    const now = percent ?? 0;
    if (now <= reported) return;
    reported = now;
    progress({
      progress: now,
      total: 100,
      message: now === 0 ? "A provider works on it" : `The provider is ${now} % through`,
    });
  };
}

/** Reports each step as it begins. */
export function progressOf(progress: Progress) {
  return ({ step, of }: StepReport) =>
    progress({ progress: step - 1, total: of, message: `Running step ${step} of ${of}` });
}
