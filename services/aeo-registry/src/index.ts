export { startService, type RunningService } from './service.ts';
export { loadConfig, type Config } from './config.ts';
export { sealedAudit } from './sealed.ts';
export { loadRules } from './rules.ts';
export { replayed } from './domain/replay.ts';
export type { DecidedOn } from './domain/operator.ts';
export type { CertificateHistory } from './domain/history.ts';
export { isPassed, openSteps } from './domain/file-steps.ts';
export type { StepTaken } from './domain/event.ts';
