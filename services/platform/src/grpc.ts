/** The door to gRPC: nothing outside `grpc/` uses the runtime of grpc-js. */
export { serveGrpc, type GrpcServer, type GrpcServerSettings } from './grpc/server.ts';
export { grpcService, type GrpcService } from './grpc/service.ts';
export type {
  BidiHandler,
  BidiMethod,
  CallContext,
  MessageStream,
  UnaryHandler,
  UnaryMethod,
} from './grpc/handler-types.ts';
export { grpcClient, type CallSettings, type GrpcClient } from './grpc/client.ts';
export { loadTls, type TlsFiles } from './grpc/tls.ts';
