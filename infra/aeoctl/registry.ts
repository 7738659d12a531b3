import { loadTls, type TlsFiles } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';
import { CommandError, reading } from './command.ts';

const limits = { timeoutMs: 10_000, bytesMax: 10_000_000 };

type Flags = Record<string, string | undefined>;

/** Options that say which registry is asked, and as whom. */
export const registryOptions = ['registry', 'tls', 'as'];

/** @throws CommandError where the command line and the settings do not say where the registry is */
function registryOf(flags: Flags): { url: string; tls: TlsFiles } {
  const url = flags['registry'] ?? process.env['AEO_REGISTRY_URL'];
  const folder = flags['tls'] ?? process.env['TLS_DIR'];
  if (url === undefined || !URL.canParse(url) || new URL(url).protocol !== 'https:')
    throw new CommandError(
      'Say where the registry is: --registry https://HOST:PORT, or AEO_REGISTRY_URL.',
      2,
    );
  if (folder === undefined)
    throw new CommandError('Say where your certificate lies: --tls FOLDER, or TLS_DIR.', 2);
  return { url, tls: reading(folder, () => loadTls(folder, flags['as'] ?? 'officer')) };
}

/**
 * What the registry answers to a question.
 *
 * @throws CommandError with the code and the field of a refusal, or that nobody answers
 */
export async function getFromRegistry(flags: Flags, path: string): Promise<unknown> {
  const { url, tls } = registryOf(flags);
  const answer = await mutualTlsRequest(new URL(path, url).href, { tls, ...limits }).catch(
    (error: unknown) => {
      throw new CommandError(`${url} does not answer: ${(error as Error).message}`);
    },
  );
  const body = JSON.parse(answer.body.toString()) as Problem;
  if (answer.status === 200) return body;
  const fields = (body.fields ?? []).map((field) => `${field.path} ${field.code}`).join(', ');
  throw new CommandError(`The registry refuses: ${body.code ?? answer.status} ${fields}`.trim());
}

type Problem = { code?: string; fields?: { path: string; code: string }[] };
