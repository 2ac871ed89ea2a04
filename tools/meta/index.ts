import type { Operation } from "../../src/operations/define-operation.ts";
import { findTools } from "./find-tools.ts";
import { runRead, runWrite } from "./run-tools.ts";

/** Operations that find and run the others. */
export const META: readonly Operation[] = [findTools, runRead, runWrite];
