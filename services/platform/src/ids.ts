import { uuidv7 } from 'uuidv7';

/** A new UUID of version 7: unique, and rising with time, which keeps indexes compact. */
export function newId(): string {
  return uuidv7();
}
