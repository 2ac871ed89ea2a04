import semver from "semver";
import { DomainError } from "../../shared/errors.ts";

/**
 * Returns the version after a change: the requested one, or the next patch. Throws
 * VERSION_CONFLICT.
 */
export function nextVersion(
  current: string,
  requested: string | undefined,
  changed: boolean,
): string {
  if (requested === undefined || requested === current) {
    if (!changed) return current;
    if (requested === undefined) return nextPatch(current);
    const message = `Version ${current} exists with other content. Leave version out, or give a higher one.`;
    throw new DomainError("VERSION_CONFLICT", message, { version: current });
  }
  if (semver.gt(requested, current)) return requested;
  const message = `version must be higher than the current ${current}. Leave it out for the next patch.`;
  throw new DomainError("VERSION_CONFLICT", message, { version: current });
}

/** A number can be too large to count on. */
function nextPatch(current: string): string {
  const next = semver.inc(current, "patch");
  if (next !== null && semver.valid(next) === next) return next;
  throw new DomainError(
    "VERSION_CONFLICT",
    `There is no patch after ${current}: give a higher version.`,
    {
      version: current,
    },
  );
}
