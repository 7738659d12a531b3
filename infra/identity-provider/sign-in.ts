import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { findAccount } from './accounts.ts';

const formBytesMax = 4_096;

/** Answers `/sign-in/…`: a page with a form for name and password, and the form's request. */
export async function signIn(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { uid } = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') return sendPage(response, 200, uid);
  const form = new URLSearchParams(await bodyOf(request));
  const account = findAccount(form.get('name') ?? '', form.get('password') ?? '');
  if (account === undefined) return sendPage(response, 401, uid);
  return provider.interactionFinished(request, response, { login: { accountId: account.id } });
}

/** @throws Error for more than a form of two fields holds */
async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += (chunk as Buffer).toString();
    if (text.length > formBytesMax) throw new Error('the form is too large');
  }
  return text;
}

function sendPage(response: ServerResponse, status: number, uid: string): void {
  const refused = status === 200 ? '' : '<p role="alert">Name or password is wrong.</p>';
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  });
  response.end(`<!doctype html>
<html lang="en">
<title>Sign in</title>
<h1>Sign in</h1>
${refused}
<form method="post" action="/sign-in/${encodeURIComponent(uid)}">
<label>Name <input name="name" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
</html>
`);
}
