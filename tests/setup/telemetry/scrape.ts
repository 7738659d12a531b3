import type { TlsFiles } from '@aeo/platform/grpc';
import { mutualTlsRequest } from '@aeo/platform/http';

type Sample = { name: string; labels: Record<string, string>; value: number };

/** What a service answers at `/metrics`: the text, and the samples in it. */
export type Scrape = {
  text: string;
  samples: Sample[];
  /** The sum over the samples of a name that have all of these labels; undefined where none has. */
  sum: (name: string, labels?: Record<string, string>) => number | undefined;
};

/** @param httpAddress host:port */
export async function scrape(httpAddress: string, tls: TlsFiles): Promise<Scrape> {
  const settings = { tls, timeoutMs: 10_000, bytesMax: 8_000_000 };
  const { body } = await mutualTlsRequest(`https://${httpAddress}/metrics`, settings);
  const text = body.toString();
  const samples = text.split('\n').flatMap(sampleOf);
  const sum = (name: string, labels: Record<string, string> = {}) => {
    const found = samples.filter(
      (sample) =>
        sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    );
    return found.length === 0 ? undefined : found.reduce((total, { value }) => total + value, 0);
  };
  return { text, samples, sum };
}

function sampleOf(line: string): Sample[] {
  const [, name, labels, value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) return [];
  const pairs = [...(labels ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key!, text!]);
  return [{ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }];
}
