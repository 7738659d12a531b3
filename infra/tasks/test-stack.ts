import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProxiedListener } from '../local/kafka/kafka.ts';
import { freePort } from '../local/processes/ports.ts';
import { startStack } from '../local/stack.ts';
import type { Stack } from '../local/stack-types.ts';

/** With a second listener of Kafka, which is reachable only where a test listens on the advertised port. */
export type TestStack = Stack & { distant: ProxiedListener };

/**
 * Starts a stack for tests, with new data.
 *
 * @param local the folder of everything that is not committed
 * @param name the stack's folder in it; two programs that run at the same time take different ones
 */
export async function startTestStack(local: string, name: string, shutdown: AbortSignal): Promise<TestStack> {
  const log = (line: string) => void process.stdout.write(`${line}\n`);
  const downloads = join(local, 'downloads');
  const distant = { listens: await freePort(), advertised: await freePort() };
  const directory = join(local, name);
  const stack = await startStack({ directory, downloads, fresh: true, log, shutdown, distant });
  const stop = async () => {
    await stack.stop();
    rmSync(testFolder(stack), { recursive: true, force: true });
  };
  return { ...stack, distant, stop };
}

/** The environment in which tests find their stack. */
export function testSettings(stack: TestStack): NodeJS.ProcessEnv {
  const { kafkaBrokers, postgresUrl, redisUrl } = stack;
  mkdirSync(testFolder(stack), { recursive: true });
  return {
    KAFKA_BROKERS: kafkaBrokers,
    POSTGRES_URL: postgresUrl,
    REDIS_URL: redisUrl,
    TEST_FOLDER: testFolder(stack),
    KAFKA_DISTANT_LISTENS: String(stack.distant.listens),
    KAFKA_DISTANT_ADVERTISED: String(stack.distant.advertised),
  };
}

/** Below the stack's pid files: a process that a test records here is ended with an interrupted run. */
function testFolder({ folders }: Stack): string {
  return join(folders.run, 'tests');
}
