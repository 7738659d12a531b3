import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fullDisk, fullDiskInMessage } from '../local/fetch/disk-space.ts';

/** The folders that a task writes to; a full disk of one of them explains most errors. */
export type Places = { clone: string; others: readonly string[] };

/** All folders that a start or the tests of a clone write to; each may be a disk of its own. */
export function placesOf(clone: string): Places {
  const local = ['', 'downloads', 'data', 'test'].map((name) => join(clone, '.local', name));
  return { clone, others: [...local, homedir(), tmpdir(), '/var/tmp'] };
}

const unwritable = new Set(['EACCES', 'EPERM', 'EROFS']);
const damagedInstall =
  /ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|ERR_INVALID_PACKAGE_CONFIG|ERR_DLOPEN_FAILED|SyntaxError[^]*node_modules|node_modules[^]*SyntaxError/;

/** The message for an error that ends a task: what is wrong and the command that mends it. */
export function failureText(error: unknown, { clone, others }: Places): string {
  const { message, code, path } = error as NodeJS.ErrnoException;
  const places = [clone, ...others];
  const full = fullDisk(places) ?? fullDiskInMessage(message, places);
  if (full !== undefined) return `${full}\nIt showed in: ${message}`;
  if (code !== undefined && unwritable.has(code) && path !== undefined)
    // The bootstrap's text: installed and created files may be private to their owner, and are created again.
    return (
      `${path} cannot be written (${code}). Start in a copy that is yours: mkdir ~/aeo-clearance && ` +
      `tar -C ${clone} --exclude=.local --exclude=node_modules -c . | tar -C ~/aeo-clearance -x && ` +
      `cd ~/aeo-clearance && npm start`
    );
  if (damagedInstall.test(message))
    return `The installed packages are damaged. Install them again: rm -rf node_modules && npm start\n${message}`;
  return message;
}
