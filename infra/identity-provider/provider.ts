import { randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import Provider, { interactionPolicy, type Context } from 'oidc-provider';
import { accounts, systems, type Account } from './accounts.ts';

/** Whom tokens are meant for: the services of the administration that is started here. */
export const audience = 'home-administration';

/** The portal signs people in. It is a program on their machine, so it has no secret, and any port of the loopback. */
export const portal = { clientId: 'portal', redirectUri: 'http://127.0.0.1/signed-in' };

/** The resource of tokens (RFC 8707); there is one audience, so clients need not name it. */
const resource = 'urn:aeo:home-administration';
const scope = 'services';

const tokenSeconds = 600;
const sessionSeconds = 8 * 3_600;

/** An issuer of tokens for the sample accounts. It keeps sessions in memory; a start begins with none. */
export function createProvider(issuer: string, signingKey: JWK): Provider {
  return new Provider(issuer, {
    clients: clients(),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [signingKey] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    responseTypes: ['code'],
    pkce: { required: () => true },
    scopes: ['openid', 'profile'],
    claims: { openid: ['sub'], profile: ['name', 'roles', 'operator_ids', 'agencies'] },
    conformIdTokenClaims: false,
    findAccount: (_context: unknown, id: string) => accountOf(id),
    extraTokenClaims: (_context: unknown, token: Token) => claimsOf(token),
    interactions: {
      policy: signInAlone(),
      url: (_context: unknown, { uid }: { uid: string }) => `/sign-in/${uid}`,
    },
    loadExistingGrant: grantForPortal,
    ttl: {
      AccessToken: tokenSeconds,
      ClientCredentials: tokenSeconds,
      IdToken: tokenSeconds,
      AuthorizationCode: 60,
      Interaction: 600,
      Session: sessionSeconds,
      Grant: sessionSeconds,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope,
          audience,
          accessTokenTTL: tokenSeconds,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
  });
}

function clients(): object[] {
  return [
    {
      client_id: portal.clientId,
      redirect_uris: [portal.redirectUri],
      application_type: 'native',
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    ...systems.map(({ id, secret }) => ({
      client_id: id,
      client_secret: secret,
      redirect_uris: [],
      response_types: [],
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
    })),
  ];
}

function accountOf(id: string) {
  const account = accounts.find((each) => each.id === id);
  if (account === undefined) return undefined;
  const { name } = account;
  return { accountId: id, claims: () => ({ sub: id, name, ...saidOf(account) }) };
}

type Token = { kind: string; clientId?: string; accountId?: string };

function claimsOf({ kind, clientId, accountId }: Token): object | undefined {
  if (kind === 'ClientCredentials') {
    const system = systems.find(({ id }) => id === clientId);
    return system && { roles: system.roles, operator_ids: [], agencies: [] };
  }
  const account = accounts.find(({ id }) => id === accountId);
  return account && saidOf(account);
}

/** The claims in a person's tokens. */
function saidOf({ roles, operatorIds, agencies }: Account) {
  return { roles, operator_ids: operatorIds, agencies };
}

/** The portal is the administration's own, so no consent of the person is needed. */
function signInAlone() {
  const policy = interactionPolicy.base();
  policy.remove('consent');
  return policy;
}

async function grantForPortal({ oidc }: Context) {
  const { client, session, provider } = oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid profile');
  grant.addResourceScope(resource, scope);
  await grant.save();
  return grant;
}
