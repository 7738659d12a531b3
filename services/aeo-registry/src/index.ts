export { startService, type RunningService } from './service.ts';
export { loadConfig, type Config } from './config.ts';
export { sealedAudit } from './adapters/sealed-audit.postgres.ts';
export { loadRules } from './adapters/rules-files.ts';
export { replayDecision } from './domain/application/replay-decision.ts';
export type { DecidedOn } from './domain/operator/operator.ts';
export type { CertificateHistory } from './domain/operator/history.ts';
export { isPassed, openSteps } from './domain/application/application-steps.ts';
export type { StepTaken } from './domain/operator/event.ts';
