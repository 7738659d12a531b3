export { startService, type RunningService } from './service.ts';
export { loadConfig, type Config } from './config.ts';
export { sealedLists } from './adapters/sealed-lists.postgres.ts';
export { digestOf, headerHash, type ListHeader } from './domain/list/list.ts';
