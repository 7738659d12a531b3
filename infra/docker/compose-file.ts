import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** The fields of a Compose service that tests use. */
export type ComposeService = {
  image: string;
  user?: string;
  restart?: string;
  mem_limit?: string;
  cap_drop?: string[];
  security_opt?: string[];
  read_only?: boolean;
  profiles?: string[];
  healthcheck?: { test: string[] };
  environment?: Record<string, string | number>;
  volumes?: string[];
  ports?: string[];
  networks?: { default: { aliases: string[] } };
  depends_on?: Record<string, { condition: string }>;
};

export type ComposeFile = { services: Record<string, ComposeService>; volumes: Record<string, null> };

/** Reads the composition of this project with the defaults of its variables. */
export function readComposeFile(): ComposeFile {
  const path = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url));
  const text = readFileSync(path, 'utf8').replaceAll(/\$\{\w+:?-([^}]*)\}/g, '$1');
  return parse(text, { merge: true, maxAliasCount: -1 }) as ComposeFile;
}

/** The names under which a service is reached by others. */
export function hostsOf({ services }: ComposeFile): Set<string> {
  return new Set(
    Object.entries(services).flatMap(([name, { networks }]) => [name, ...(networks?.default.aliases ?? [])]),
  );
}
