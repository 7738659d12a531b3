import { parseArgs } from 'node:util';
import { demonstration } from '../demonstration.ts';
import { programmesWithFacts } from '../certification/generated-facts.ts';
import { takeStackKind } from '../../local/stack-servers.ts';
import type { StackKind } from '../../local/stack-types.ts';

/** The options of a run. Shares are between 0 and 1. */
export type RunOptions = {
  history: string;
  declarations: string;
  limit: number | undefined;
  rate: number;
  capacity: number;
  seed: number;
  report: string | undefined;
  once: boolean;
  keep: boolean;
  killServices: boolean;
  /** Under which firms are certified; empty for the demonstration's alone. */
  programmes: string[];
  stack: StackKind;
  help: boolean;
};

export const helpText = `npm start -- [options]

  --history FILE        past declarations with outcomes (CSV)          infra/data/2020.csv
  --declarations FILE   declarations that arrive at the border (CSV)   infra/data/2021-q1.csv
  --programme ID,ID     certify under these programmes instead of the      demonstration
                        demonstration's: what they ask and the declarations do not
                        hold is made up, as infra/data/generated-facts says.
                        There are: IDS
  --limit N             send at most N declarations
  --rate N              declarations a second                          150
  --capacity SHARE      share that may be inspected by score           0.10
  --seed N              seed of folds, resampling and trials; the draw   1
                        of inspections has a secret key of its own
  --report FILE         write the report as JSON
  --once                end after the report (otherwise the services stay up)
  --keep                continue on the data of an earlier run
  --kill-services       end each service's process with SIGKILL in turn while
                        declarations arrive; whatever holds must hold then, too
  --stack KIND          local: programs of this machine; docker: containers of the engine that    local
                        answers, as docker-compose.yml has them
  --help                this text

Addresses of your own servers are taken from KAFKA_BROKERS, POSTGRES_URL and REDIS_URL. Ports are free ones, unless
these name them: KAFKA_PORT, POSTGRES_PORT, REDIS_PORT, IDENTITY_PROVIDER_PORT and, for each of our four services, as
for aeo-registry: AEO_REGISTRY_GRPC_PORT, AEO_REGISTRY_HTTP_PORT.

What a start lacks it says, with the command that mends it; docs/when-something-is-missing.md lists all.`.replace(
  'IDS',
  programmesWithFacts().join(', '),
);

const flags = {
  history: { type: 'string', default: 'infra/data/2020.csv' },
  declarations: { type: 'string', default: 'infra/data/2021-q1.csv' },
  limit: { type: 'string' },
  rate: { type: 'string', default: '150' },
  capacity: { type: 'string', default: '0.10' },
  seed: { type: 'string', default: '1' },
  report: { type: 'string' },
  once: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  'kill-services': { type: 'boolean', default: false },
  programme: { type: 'string', default: demonstration.programme },
  help: { type: 'boolean', default: false },
} as const;

/**
 * Reads the command line.
 *
 * @throws Error naming the option and the values it takes
 */
export function readOptions(args: string[]): RunOptions {
  const { kind, rest } = takeStackKind(args);
  const { values } = parseArgs({ args: rest, options: flags, strict: true, allowPositionals: false });
  if (kind === 'docker' && values.keep)
    throw new Error('--keep goes with --stack local alone: the data of containers go with them');
  return {
    history: values.history,
    declarations: values.declarations,
    limit:
      values.limit === undefined
        ? undefined
        : numberIn('limit', values.limit, 1, 10_000_000, Number.isInteger),
    rate: numberIn('rate', values.rate, 1, 100_000),
    capacity: numberIn('capacity', values.capacity, 0, 1),
    seed: numberIn('seed', values.seed, 0, 2 ** 31 - 1, Number.isInteger),
    report: values.report,
    once: values.once,
    keep: values.keep,
    killServices: values['kill-services'],
    programmes: programmesIn(values.programme),
    stack: kind,
    help: values.help,
  };
}

function programmesIn(text: string): string[] {
  const ids = [...new Set(text.split(',').map((id) => id.trim()))];
  if (ids.length === 1 && ids[0] === demonstration.programme) return [];
  const known = programmesWithFacts();
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown === undefined) return ids;
  const choice = [demonstration.programme, ...known].join(', ');
  throw new Error(`--programme takes one of ${choice}, or several of the others, not "${unknown}"`);
}

function numberIn(name: string, text: string, min: number, max: number, also = Number.isFinite): number {
  const value = Number(text);
  if (text.trim() !== '' && also(value) && value >= min && value <= max) return value;
  const kind = also === Number.isInteger ? 'a whole number' : 'a number';
  throw new Error(`--${name} takes ${kind} from ${min} to ${max}, not "${text}"`);
}
