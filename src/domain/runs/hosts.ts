/**
 * Names of this machine itself. They are reached only where the host's configuration allows the
 * very port.
 */
const LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"] as const;

/**
 * Tells whether a declared pattern stands for a host name, as the URL standard writes it: the very
 * name, `*.example.com` for every name below example.com, or `*` for any public host. Only its own
 * name stands for this machine.
 */
function hostMatches(pattern: string, hostname: string): boolean {
  if (pattern === hostname) return true;
  if (isLocalHost(hostname)) return false;
  if (pattern === "*") return true;
  return (
    pattern.startsWith("*.") &&
    hostname.endsWith(pattern.slice(1)) &&
    hostname.length > pattern.length - 1
  );
}

export function hostIsAmong(patterns: readonly string[], hostname: string): boolean {
  return patterns.some((pattern) => hostMatches(pattern, hostname));
}

export function isLocalHost(hostname: string): boolean {
  return (LOCAL_HOSTS as readonly string[]).includes(hostname);
}
