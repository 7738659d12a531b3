import { loadConfig as registryConfig, startService as startRegistry } from '@aeo/aeo-registry';
import { loadConfig as clearanceConfig, startService as startClearance } from '@aeo/clearance-priority';
import { loadConfig as exchangeConfig, startService as startExchange } from '@aeo/mutual-recognition';
import { runUntilSignal, type Stoppable } from '@aeo/platform/lifecycle';
import { createLogger, type Logger } from '@aeo/platform/logger';
import { loadConfig as riskConfig, startService as startRisk } from '@aeo/risk-scoring';

type Start = (env: NodeJS.ProcessEnv, logger: Logger) => Promise<{ parts: Stoppable[] }>;

const services: Record<string, Start> = {
  'risk-scoring': (env, logger) => startRisk(riskConfig(env), logger),
  'aeo-registry': (env, logger) => startRegistry(registryConfig(env), logger),
  'mutual-recognition': (env, logger) => startExchange(exchangeConfig(env), logger),
  'clearance-priority': (env, logger) => startClearance(clearanceConfig(env), logger),
};

/** Several services of one administration in one process; `SERVICES` holds the settings of each, as JSON. */
const wanted = JSON.parse(process.env['SERVICES'] ?? '{}') as Record<string, Record<string, string>>;
const logger = createLogger('together');
const parts: Stoppable[] = [];
for (const [name, settings] of Object.entries(wanted)) {
  const start = services[name];
  if (start === undefined) throw new Error(`there is no service ${name}`);
  const running = await start({ ...process.env, ...settings }, createLogger(name));
  parts.unshift(...running.parts);
}
logger.info('ready');
const { failed } = await runUntilSignal(parts);
for (const { name } of failed) logger.error('did not stop in good order', { part: name });
process.exit();
