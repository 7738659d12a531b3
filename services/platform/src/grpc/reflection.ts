import { globSync } from 'node:fs';
import { loadSync } from '@grpc/proto-loader';
import type { Server } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';

/** Tells clients which services and messages there are (gRPC server reflection, v1 and v1alpha). */
export function addReflection(server: Server, protoFolder: string): void {
  const files = globSync('**/*.proto', { cwd: protoFolder });
  new ReflectionService(loadSync(files, { includeDirs: [protoFolder] })).addToServer(server);
}
