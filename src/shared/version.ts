import manifest from "../../package.json" with { type: "json" };

export const PROGRAM = {
  name: manifest.name,
  version: manifest.version,
  description: manifest.description,
} as const;
