/**
 * The layers around a guest that a machine may lack, by the names that STACK_SANDBOX_REQUIRE takes.
 */
export const OPTIONAL_LAYERS = [
  "rlimits",
  "uid-drop",
  "network-namespace",
  "bubblewrap",
  "seccomp",
] as const;
export type OptionalLayer = (typeof OPTIONAL_LAYERS)[number];
