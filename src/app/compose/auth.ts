import { AuthFailureLog } from "../../services/auth/auth-failure-log.ts";
import { AuthenticationService } from "../../services/auth/authentication-service.ts";
import { KeyService } from "../../services/auth/key-service.ts";
import { TokenAuthenticator } from "../../services/auth/token-authenticator.ts";
import { SigningKeyService } from "../../services/signing-keys/signing-key-service.ts";
import type { Ground } from "./ground.ts";

/** Authentication: API keys, tokens, signed requests. */
export function composeAuth(ground: Ground) {
  const pepper = ground.store.deriveKey("api-key-pepper");
  const signingKeys = new SigningKeyService(ground);
  const authFailures = new AuthFailureLog(ground);
  const tokens = new TokenAuthenticator({ ...ground, keys: signingKeys, failures: authFailures });
  return {
    pepper,
    tokens,
    services: {
      authentication: new AuthenticationService({
        ...ground,
        pepper,
        tokens,
        failures: authFailures,
      }),
      authFailures,
      keys: new KeyService({ ...ground, pepper }),
      signingKeys,
    },
  };
}

export type Auth = ReturnType<typeof composeAuth>;
