import { join } from 'node:path';
import { administration, partnerAdministration, serviceNames } from '../main-job/services/administrations.ts';

/** Every service of every administration; each has a prepared folder of its own. */
export const prepared = [administration, partnerAdministration].flatMap((owner) =>
  serviceNames.map((service) => ({ owner, service })),
);

/** The file of settings and secrets that a service reads as its environment. */
export const settingsFile = 'settings.env';

/** The superuser's password, for Postgres itself and for creating databases. */
export function postgresPasswordFile(folder: string): string {
  return join(folder, 'postgres', 'password');
}
