// Health check of this container's service: exit code 0 when it is ready. The image has neither curl nor a shell.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';

const { ADMINISTRATION, EXCHANGE_TLS_DIR, HTTP_PORT, SERVICE, TLS_DIR } = process.env;
// The exchange answers under the certificate of the link between administrations, and only to one of its own.
const [folder, name] = EXCHANGE_TLS_DIR ? [EXCHANGE_TLS_DIR, ADMINISTRATION] : [TLS_DIR, SERVICE];
const read = (file) => readFileSync(join(folder, file));
const asking = request(
  {
    ...{ host: '127.0.0.1', servername: 'localhost', port: HTTP_PORT, path: '/readyz', timeout: 4_000 },
    ...{ ca: read('ca.pem'), cert: read(`${name}.pem`), key: read(`${name}.key.pem`) },
  },
  (response) => {
    response.pipe(process.stdout);
    response.once('end', () => process.exit(response.statusCode === 200 ? 0 : 1));
  },
);
asking.once('timeout', () => asking.destroy(new Error('no answer in four seconds')));
asking.once('error', (error) => {
  process.stdout.write(`${error.message}\n`);
  process.exit(1);
});
asking.end();
