/** The door to HTTP. */
export { httpApp, type Routes } from './http/app.ts';
export { serveHttp } from './http/server.ts';
export { identifyCaller, peerName } from './http/identify-caller.ts';
export { Download } from './http/download.ts';
export { withETag } from './http/etag.ts';
export { mutualTlsRequest } from './http/client.ts';
export { bindRoutes, bytesAnswer, closedList, pageOf, restRoute, type RestRoute } from './http/rest.ts';
export { bindUpload, uploadRoute, type UploadRoute } from './http/upload.ts';
export { openApiOf } from './http/openapi.ts';
