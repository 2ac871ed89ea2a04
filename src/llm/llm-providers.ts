import { DomainError } from "../shared/errors.ts";
import type { Secret } from "../shared/secret.ts";
import type { LlmAnswer, LlmCall, LlmProvider } from "./llm-call.ts";
import { OpenAiProvider } from "./openai-provider.ts";
import { standIn } from "./stand-in/stand-in.ts";

export interface ProviderSettings {
  readonly name: string;
  readonly baseUrl: string | undefined;
  readonly apiKeyEnv: string;
  readonly apiKey: Secret<string> | undefined;
}

export interface ProviderStatus {
  readonly name: string;
  readonly state: "key" | "stand-in" | "no key";
  readonly api_key_env: string;
}

const OPENAI_URL = "https://api.openai.com/v1";
const ADD_PROVIDER =
  "Add the provider to STACK_HOME/config.json with a base_url and an api_key_env";

/**
 * The model providers of this process: those with a key, and the stand-in for the rest where that
 * is switched on.
 */
export class LlmProviders {
  readonly #settings: readonly ProviderSettings[];
  readonly #standInAllowed: boolean;
  readonly #providers = new Map<string, LlmProvider>();

  constructor(settings: readonly ProviderSettings[], standInAllowed: boolean) {
    this.#settings = settings;
    this.#standInAllowed = standInAllowed;
    for (const { name, apiKey, baseUrl } of settings) {
      if (apiKey) this.#providers.set(name, new OpenAiProvider(apiKey, baseUrl));
    }
  }

  canServe(providerNames: readonly string[]): boolean {
    return providerNames.every((name) => this.#find(name) !== undefined);
  }

  /** Tells whether one of them would be answered by the stand-in and not by a model. */
  usesStandIn(providerNames: readonly string[]): boolean {
    return providerNames.some((name) => this.#find(name) === standIn);
  }

  /**
   * Throws PROVIDER_NOT_CONFIGURED that names the missing variable, before anybody's money is held.
   */
  requireAll(providerNames: readonly string[]): void {
    for (const name of providerNames) this.#get(name);
  }

  /**
   * With the given key, tried once because each try is paid for, or with the server's own. Throws
   * LlmError when there is no usable answer.
   */
  async complete(providerName: string, call: LlmCall, key?: Secret<string>): Promise<LlmAnswer> {
    if (!key) return this.#get(providerName).complete(call);
    return new OpenAiProvider(key, this.baseUrlOf(providerName)?.href, 0).complete(call);
  }

  /** Returns the address of a provider; undefined for one that this server does not know. */
  baseUrlOf(providerName: string): URL | undefined {
    const known = this.#settings.find((setting) => setting.name === providerName);
    return known && new URL(known.baseUrl ?? OPENAI_URL);
  }

  /**
   * For those whose key is somebody else's. Throws PROVIDER_NOT_CONFIGURED for one that this server
   * does not know.
   */
  requireKnown(providerNames: readonly string[]): void {
    for (const provider of providerNames) {
      if (this.baseUrlOf(provider)) continue;
      const message = `This server does not know the model provider ${provider}. ${ADD_PROVIDER}.`;
      throw new DomainError("PROVIDER_NOT_CONFIGURED", message, { provider });
    }
  }

  status(): ProviderStatus[] {
    const withoutKey = this.#standInAllowed ? "stand-in" : "no key";
    return this.#settings.map(({ name, apiKeyEnv, apiKey }) => ({
      name,
      api_key_env: apiKeyEnv,
      state: apiKey ? "key" : withoutKey,
    }));
  }

  #find(name: string): LlmProvider | undefined {
    return this.#providers.get(name) ?? (this.#standInAllowed ? standIn : undefined);
  }

  #get(name: string): LlmProvider {
    const provider = this.#find(name);
    if (provider) return provider;
    const known = this.#settings.find((setting) => setting.name === name);
    const fix = known
      ? `Set ${known.apiKeyEnv}, or STACK_LLM_FALLBACK=stand-in to try the loop without a model`
      : ADD_PROVIDER;
    const message = `The skill runs a model step and this server has no key for its provider. ${fix}.`;
    throw new DomainError("PROVIDER_NOT_CONFIGURED", message, { provider: name });
  }
}
