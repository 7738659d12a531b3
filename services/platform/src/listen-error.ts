import { AppError } from './errors.ts';

/**
 * Why a server cannot listen, for the operator who started it.
 *
 * @param setting the setting that names the port
 */
export function listenError(setting: string, host: string, port: number, error: Error): AppError {
  const taken = error.message.includes('EADDRINUSE');
  const message = taken
    ? `${setting}: ${host}:${port} is taken (EADDRINUSE); by whom: ss -ltnp 'sport = :${port}'. ${setting}=0 takes a free one.`
    : `${setting}: ${host}:${port} cannot be listened on (${error.message}).`;
  return new AppError('unavailable', taken ? 'PORT_TAKEN' : 'PORT_UNUSABLE', message, { cause: error });
}
