// Starts the service that SERVICE names: its secrets, then telemetry, which must be loaded before the rest, then it.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';

const services = new URL('../../services/', import.meta.url);
const names = readdirSync(fileURLToPath(services)).filter((name) => existsSync(mainOf(name)));
const service = process.env.SERVICE ?? '';
if (!names.includes(service)) {
  process.stderr.write(`SERVICE must be one of ${names.join(', ')}, not "${service}"\n`);
  process.exit(2);
}
// Variables of the environment take precedence.
if (process.env.SETTINGS_FILE !== undefined) process.loadEnvFile(process.env.SETTINGS_FILE);
process.env.OTEL_SERVICE_NAME ??= `${process.env.ADMINISTRATION}-${service}`;
await import('../../services/platform/src/telemetry.ts');
await import(mainOf(service).href);

function mainOf(name) {
  return new URL(`${name}/src/main.ts`, services);
}
