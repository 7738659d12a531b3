export { startService, type RunningService } from './service.ts';
export { loadConfig, type Config } from './config.ts';
export { sealedLedger } from './adapters/sealed-ledger.postgres.ts';
export { createStatusView, type StatusView } from './domain/status-view/status-view.ts';
