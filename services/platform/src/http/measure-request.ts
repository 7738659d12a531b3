import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { RequestHandler } from 'express';
import { recordDuration } from '../metrics.ts';

const tracer = trace.getTracer('aeo.http');

/** A span and a duration for each request, named by its route: a path may hold an identifier of a trader. */
export const measureRequest: RequestHandler = (request, response, next) => {
  const startedMs = performance.now();
  const parent = propagation.extract(ROOT_CONTEXT, request.headers);
  const span = tracer.startSpan(request.method, { kind: SpanKind.SERVER }, parent);
  response.once('close', () => {
    const route = routeOf(request.route as unknown);
    const attributes = {
      'http.request.method': request.method,
      'http.route': route,
      'http.response.status_code': response.statusCode,
    };
    span.updateName(`${request.method} ${route}`);
    span.setAttributes(attributes);
    span.end();
    recordDuration('http.server.request.duration', startedMs, attributes);
  });
  context.with(trace.setSpan(parent, span), next);
};

function routeOf(route: unknown): string {
  const path = (route as { path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? path : 'other';
}
