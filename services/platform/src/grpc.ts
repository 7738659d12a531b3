/** The door to gRPC: nothing outside `grpc/` uses the runtime of grpc-js. */
export { serveGrpc, type GrpcServer, type GrpcServerSettings } from './grpc/server.ts';
export {
  grpcService,
  type BidiHandler,
  type CallContext,
  type GrpcService,
  type MessageStream,
  type UnaryHandler,
} from './grpc/handlers.ts';
export { grpcClient, type CallSettings, type GrpcClient } from './grpc/client.ts';
export { allowed, allowedStream } from './grpc/allowed.ts';
export { loadTls, type TlsFiles } from './grpc/tls.ts';
