export { startService, type RunningService } from './service.ts';
export { loadConfig, type Config } from './config.ts';
export { sealedLedger } from './sealed.ts';
