import { once } from 'node:events';
import { createServer } from 'node:http';
import { createProvider } from './provider.ts';
import { signIn } from './sign-in.ts';
import { signingKey } from './signing-key.ts';

/** The identity provider of the local stack, on this machine alone: `main.ts PORT KEY_FILE`. */
const [port = '0', keyFile = ''] = process.argv.slice(2);
const provider = createProvider(`http://127.0.0.1:${port}`, await signingKey(keyFile));
const answer = provider.callback();
const server = createServer((request, response) => {
  const work = request.url?.startsWith('/sign-in/') === true ? signIn : undefined;
  void (work?.(provider, request, response) ?? answer(request, response)).catch(() => {
    // A page that was left open too long, or a form from another site.
    if (!response.headersSent) response.writeHead(400);
    response.end();
  });
});
server.listen(Number(port), '127.0.0.1');
await once(server, 'listening');
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    server.close(() => process.exit());
    server.closeAllConnections();
  });
