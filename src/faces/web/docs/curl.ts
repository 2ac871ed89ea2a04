import type { Operation, RestRoute } from "../../../operations/define-operation.ts";

/** The example of an operation as a command that a person can paste into a shell. */
export function curlOf(
  { rest, example }: Operation & { readonly rest: RestRoute },
  origin: string,
): string {
  const input: Record<string, unknown> = { ...example };
  const path = rest.path.replace(/:(\w+)/g, (_, name: string) => {
    const { [name]: value } = input;
    delete input[name];
    return String(value ?? name);
  });
  const isBody = rest.method === "POST" || rest.method === "PATCH";
  const query = isBody
    ? ""
    : Object.entries(input)
        .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
        .join("&");
  const url = `"${origin}${path}${query === "" ? "" : `?${query}`}"`;
  const lines = [
    `curl${rest.method === "GET" ? "" : ` -X ${rest.method}`} ${url}`,
    '-H "Authorization: Bearer $STACK_API_KEY"',
  ];
  if (isBody && Object.keys(input).length > 0) {
    lines.push(
      '-H "Content-Type: application/json"',
      `-d '${JSON.stringify(input).replaceAll("'", "'\\''")}'`,
    );
  }
  return lines.join(" \\\n  ");
}
