import { databasePath } from "../../../storage/sqlite/open-store.ts";
import type { LlmProviders, ProviderStatus } from "../../llm/llm-providers.ts";
import type { Sandbox, SandboxLayer } from "../../sandbox/sandbox.ts";
import type { Secret } from "../../shared/secret.ts";
import { PROGRAM } from "../../shared/version.ts";
import { type HostCheck, type HostCheckParts, hostChecks } from "./host-checks.ts";

export interface HealthReport {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly database: {
    readonly path: string;
    readonly instance_id: string;
    readonly stamp: "play" | "live";
    readonly key_store: string;
    readonly key_fingerprint: string;
  };
  readonly sandbox: {
    readonly ready_ms: number | null;
    readonly python_ready_ms: number | null;
    readonly problem: string | null;
    readonly slots: number;
    readonly layers: readonly SandboxLayer[];
  };
  readonly egress: {
    /** Ports of this machine that skills may reach: for development alone. */
    readonly allow_local: readonly string[];
    /** The HTTP proxy that requests go through, without its name and password. */
    readonly proxy: string | null;
  };
  readonly providers: readonly ProviderStatus[];
  readonly host: readonly HostCheck[];
}

export interface HealthParts extends HostCheckParts {
  readonly egressAllowLocal: readonly string[];
  readonly egressProxy: Secret<URL> | undefined;
  readonly sandbox: Sandbox;
  readonly llm: LlmProviders;
  readonly slots: number;
}

/** Reports the layers and settings that hold on this machine, found by trial. */
export class HealthService {
  readonly #parts: HealthParts;

  constructor(parts: HealthParts) {
    this.#parts = parts;
  }

  async report(): Promise<HealthReport> {
    const { store, llm, home, slots } = this.#parts;
    const { id, stamp, key_store, key_fingerprint } = store.instance;
    return {
      version: PROGRAM.version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      database: { path: databasePath(home), instance_id: id, stamp, key_store, key_fingerprint },
      sandbox: { ...(await this.#probe()), slots, layers: await this.#layers() },
      egress: {
        allow_local: this.#parts.egressAllowLocal,
        proxy: this.#parts.egressProxy?.reveal().host ?? null,
      },
      providers: llm.status(),
      host: await hostChecks(this.#parts),
    };
  }

  async storageWorks(): Promise<boolean> {
    return this.#parts.store
      .read((r) => r.operators.findLocal())
      .then(
        () => true,
        () => false,
      );
  }

  /** Returns no layers when no child gets ready. */
  async #layers(): Promise<SandboxLayer[]> {
    return this.#parts.sandbox.layers().catch(() => []);
  }

  async #probe() {
    const { sandbox } = this.#parts;
    try {
      const javascript = await sandbox.probe("javascript");
      const python = await sandbox.probe("python");
      return { ready_ms: javascript.readyMs, python_ready_ms: python.readyMs, problem: null };
    } catch (error) {
      const { cause, message } = error as Error;
      return {
        ready_ms: null,
        python_ready_ms: null,
        problem: cause instanceof Error ? cause.message : message,
      };
    }
  }
}
