import type { TestProject } from 'vitest/node';
import type { Endpoints } from '../../../infra/local/stack-types.ts';

declare module 'vitest' {
  interface ProvidedContext {
    stack: Endpoints;
    /** Where Kafka listens for clients over a connection that a test can cut, and the address it advertises to them. */
    distant: { listens: number; advertised: number };
  }
}

/** Hands tests the addresses of real brokers, which `npm test` and `npm run test:int` start. */
export default function setup(project: TestProject): void {
  const address = (name: string): string => {
    const value = process.env[name];
    if (value === undefined) throw new Error(`${name} is not set. Start these tests by: npm run test:int`);
    return value;
  };
  project.provide('stack', {
    kafkaBrokers: address('KAFKA_BROKERS'),
    postgresUrl: address('POSTGRES_URL'),
    redisUrl: address('REDIS_URL'),
  });
  project.provide('distant', {
    listens: Number(address('KAFKA_DISTANT_LISTENS')),
    advertised: Number(address('KAFKA_DISTANT_ADVERTISED')),
  });
}
