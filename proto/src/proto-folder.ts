import { fileURLToPath } from 'node:url';

/** Where the contracts lie as .proto files. */
export const protoFolder = fileURLToPath(new URL('.', import.meta.url));
