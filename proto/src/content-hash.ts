import { createHash } from 'node:crypto';
import { Declaration } from './gen/aeo/declaration/v1/declaration.ts';

/**
 * The content-hash rule: SHA-256 over the declaration's protobuf encoding in field order, re-encoded from the
 * decoded message, so that a sender's field order does not matter. It covers business content only; stage,
 * channel, request id, deadline and trace are not part of the message.
 *
 * @returns 32 bytes
 */
export function contentHash(declaration: Declaration): Buffer {
  return createHash('sha256').update(Declaration.encode(declaration).finish()).digest();
}
