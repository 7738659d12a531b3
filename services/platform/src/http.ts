/** The door to HTTP. */
export { httpApp, type HttpAppSettings, type Routes } from './http/app.ts';
export { serveHttp, peerName } from './http/server.ts';
export { mutualTlsRequest, type HttpAnswer } from './http/client.ts';
export { bindRoutes, closedList, openApiOf, restRoute, type RestRoute } from './http/rest.ts';
