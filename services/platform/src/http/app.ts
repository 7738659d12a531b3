import express, { type Express, type Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import type { Identity } from '../identity/identify.ts';
import type { Logger } from '../logger.ts';
import { metricsResponder } from '../metrics.ts';
import { identifyCaller } from './identify-caller.ts';
import { measureRequest } from './measure-request.ts';
import { notFound, problemHandler } from './problem.ts';

/** Adds a service's own routes; a handler that throws, or whose promise is rejected, is answered as a problem. */
export type Routes = (router: Router) => void;

export type HttpAppSettings = {
  routes: Routes;
  /** Why the service is not ready; empty when it is. */
  unready: () => string[];
  logger: Logger;
  /** The OpenAPI description of the routes. */
  openApi?: object;
  /** With it, routes are for identified callers; liveness, readiness and metrics are for all. */
  identity?: Identity;
};

const bodyBytesMax = 256 * 1024;
const requestsPerMinuteMax = 60_000;

/** An app with limits, security headers, liveness, readiness, the service's routes, and problems for everything else. */
export function httpApp({ routes, unready, logger, openApi, identity }: HttpAppSettings): Express {
  const app = express();
  app.disable('x-powered-by');
  // A tag computed from the bytes of an answer would be taken for a version in If-Match.
  app.disable('etag');
  app.use(helmet());
  app.use(
    rateLimit({ windowMs: 60_000, limit: requestsPerMinuteMax, standardHeaders: true, legacyHeaders: false }),
  );
  app.use(measureRequest);
  app.get('/livez', (_request, response) => void response.send({ live: true }));
  app.get('/readyz', (_request, response) => {
    const reasons = unready();
    response.status(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
  app.get('/metrics', (request, response, next) => {
    const respond = metricsResponder();
    if (respond === undefined) next();
    else respond(request, response);
  });
  if (openApi !== undefined) app.get('/openapi.json', (_request, response) => void response.send(openApi));
  app.use(express.json({ limit: bodyBytesMax }));
  const router = express.Router();
  if (identity !== undefined) router.use(identifyCaller(identity));
  routes(router);
  app.use(router);
  app.use(notFound);
  app.use(problemHandler(logger));
  return app;
}
