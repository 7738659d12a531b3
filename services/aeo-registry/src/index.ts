export { startService, type RunningService } from './service.ts';
export { loadConfig, type Config } from './config.ts';
export { sealedAudit } from './sealed.ts';
