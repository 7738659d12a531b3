import { join } from 'node:path';
import { startChild, untilListening, freePort, type Child } from './child-process.ts';
import { createDatabase } from './databases.ts';
import type { Stack } from './stack.ts';

export type ServiceProcess = { address: string; databaseUrl: string; child: Child };

export type ServiceOptions = {
  administration: string;
  service: string;
  tlsDirectory: string;
  /** Settings of this service beyond those every service has. */
  settings?: Record<string, string>;
};

/** Starts one service of an administration as a process of its own and waits until it answers. */
export async function startService(stack: Stack, options: ServiceOptions): Promise<ServiceProcess> {
  const { administration, service, tlsDirectory, settings } = options;
  const port = await freePort();
  const databaseUrl = await createDatabase(stack.postgresUrl, administration, service);
  const child = startChild({
    name: `${administration}-${service}`,
    command: process.execPath,
    args: [join(process.cwd(), 'services', service, 'src/main.ts')],
    env: {
      ADMINISTRATION: administration,
      DATABASE_URL: databaseUrl,
      KAFKA_BROKERS: stack.kafkaBrokers,
      GRPC_PORT: String(port),
      TLS_DIR: tlsDirectory,
      ...settings,
    },
    logFile: join(stack.folders.logs, `${administration}-${service}.log`),
    pidFolder: stack.folders.run,
  });
  try {
    await untilListening(child, port, 20_000);
  } catch (error) {
    await child.stop(2_000);
    throw error;
  }
  return { address: `localhost:${port}`, databaseUrl, child };
}
