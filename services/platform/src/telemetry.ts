import { register } from 'node:module';

/**
 * Loaded before a service by `node --import`. The hook comes first: without it grpc-js, pg and ioredis stay
 * unpatched, and nothing warns.
 */
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
const { startTelemetry } = await import('./telemetry/sdk.ts');
startTelemetry(process.env);
