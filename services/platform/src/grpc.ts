/** The door to gRPC: nothing outside `grpc/` uses the runtime of grpc-js. */
export { serveGrpc, type GrpcServer } from './grpc/server.ts';
export { grpcService, type GrpcService } from './grpc/service.ts';
export type { BidiHandler, CallContext, MessageStream, UnaryHandler } from './grpc/handler-types.ts';
export { grpcClient, type GrpcClient } from './grpc/client.ts';
export { loadTls, type TlsFiles } from './grpc/tls.ts';
