import { runUntilSignal, startOrExit } from '@aeo/platform/lifecycle';
import { createLogger } from '@aeo/platform/logger';
import { loadConfig } from './config.ts';
import { startService } from './service.ts';

const logger = createLogger('clearance-priority');
const service = await startOrExit(logger, () => startService(loadConfig(), logger));
logger.info('ready', { grpcPort: service.grpcPort, httpPort: service.httpPort });
const { failed } = await runUntilSignal(service.parts);
for (const { name } of failed) logger.error('did not stop in good order', { part: name });
process.exit();
