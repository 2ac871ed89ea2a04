/**
 * Returns the addresses that a `subscriptions/listen` of the 2026 revision asks to hear of;
 * undefined for any other message.
 */
export function listenedUris(message: unknown): string[] | undefined {
  const { method, params } = Object(message) as {
    method?: unknown;
    params?: { notifications?: { resourceSubscriptions?: unknown } };
  };
  if (method !== "subscriptions/listen") return undefined;
  const uris = params?.notifications?.resourceSubscriptions;
  return Array.isArray(uris) ? uris.filter((uri): uri is string => typeof uri === "string") : [];
}
