import { globSync } from 'node:fs';
import { loadSync } from '@grpc/proto-loader';
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';

/** Adds gRPC server reflection (v1 and v1alpha), which lists services and messages for clients. */
export function addReflection(server: Server, protoFolder: string): void {
  const files = globSync('**/*.proto', { cwd: protoFolder });
  new ReflectionService(loadSync(files, { includeDirs: [protoFolder] })).addToServer(server);
}
