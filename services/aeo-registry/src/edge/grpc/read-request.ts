import { createHash } from 'node:crypto';
import { isAppError, toAppError, type AppError } from '@aeo/platform/errors';
import { registryService } from '@aeo/proto';
import type { Command } from '../../domain/operator/decide.ts';
import { keyPattern } from '@aeo/platform/field-formats';
import { refuseFields } from './fields.ts';
import { readCommand, type WireCommand } from './read-command.ts';

/** A command as it came, the caller's own name for it, where it has one, and the person it comes from. */
export type Asked = { wire: WireCommand; key: string | undefined; actor: string };

/** A command that can be carried out, or what is wrong with it. */
export type Request =
  { wire: WireCommand; key: string | undefined; actor: string; hash: Buffer; command: Command } | AppError;

export type Readable = Exclude<Request, AppError>;

export const isReadable = (request: Request): request is Readable => !isAppError(request);

/** Reads a command; the hash is over its content, without the key. */
export function readRequest({ wire, key, actor }: Asked): Request {
  try {
    if (key !== undefined && !keyPattern.test(key))
      refuseFields([{ path: 'idempotencyKey', code: 'FIELD_FORMAT' }]);
    return { wire, key, actor, hash: hashOf(wire), command: readCommand(wire) };
  } catch (error) {
    return toAppError(error);
  }
}

function hashOf(command: WireCommand): Buffer {
  const bytes = registryService.RegistryCommand.encode({ command, idempotencyKey: '', actor: '' }).finish();
  return createHash('sha256').update(bytes).digest();
}
