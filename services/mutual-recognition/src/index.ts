export { startService, type RunningService } from './service.ts';
export { loadConfig, type Config } from './config.ts';
export { sealedLists } from './sealed.ts';
export { digestOf, headerHash, type ListHeader } from './domain/list.ts';
