import { join } from 'node:path';
import type { Endpoints, Stack } from '../../../infra/local/stack-types.ts';

/**
 * The running servers as the stack of one service process. Each process of the same service needs a name of its own, by
 * which its log and its process note are kept apart; data is shared.
 */
export function serviceStack(endpoints: Endpoints, folder: string, name = ''): Stack {
  const at = (part: string) => join(folder, name, part);
  const folders = {
    downloads: at('downloads'),
    data: join(folder, 'data'),
    logs: at('logs'),
    run: at('run'),
    fresh: true,
  };
  return { ...endpoints, folders, stop: () => Promise.resolve() };
}
