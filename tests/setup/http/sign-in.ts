import { createHash, randomBytes } from 'node:crypto';
import { portal } from '../../../infra/identity-provider/provider.ts';

export type Tokens = { access_token: string; id_token?: string };

/** What a browser does on the way from the portal to its tokens: sign in, and come back with a code (RFC 7636). */
export async function signIn(issuer: string, name: string, password: string): Promise<Tokens> {
  const browser = createBrowser(issuer);
  const verifier = randomBytes(32).toString('base64url');
  const redirectUri = portal.redirectUri.replace('127.0.0.1', '127.0.0.1:41234');
  const asked = new URLSearchParams({
    client_id: portal.clientId,
    response_type: 'code',
    scope: 'openid profile',
    state: 'a',
    redirect_uri: redirectUri,
    code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  });
  const page = await browser.go(`/auth?${asked.toString()}`);
  const form = new URLSearchParams({ name, password });
  const answered = await browser.go(locationOf(page), { method: 'POST', body: form });
  if (answered.status === 401) throw new Error('name or password is wrong');
  const back = new URL(locationOf(await browser.go(locationOf(answered))));
  const code = back.searchParams.get('code') ?? '';
  return requestTokens(issuer, {
    grant_type: 'authorization_code',
    client_id: portal.clientId,
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
}

/** @throws Error with what the provider answers where it gives no token */
export async function requestTokens(
  issuer: string,
  form: Record<string, string>,
  client?: { id: string; secret: string },
): Promise<Tokens> {
  const basic = client && Buffer.from(`${client.id}:${client.secret}`).toString('base64');
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: basic === undefined ? {} : { authorization: `Basic ${basic}` },
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Tokens;
}

/** Keeps cookies, and follows nothing by itself. */
function createBrowser(origin: string) {
  const cookies = new Map<string, string>();
  const go = async (place: string, init: RequestInit = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(new URL(place, origin), { ...init, redirect: 'manual', headers: { cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      cookies.set(name, value);
    }
    return answer;
  };
  return { go };
}

function locationOf(answer: Response): string {
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`${answer.url} leads nowhere (${answer.status})`);
  return location;
}
