import { join } from 'node:path';
import { administration, partnerAdministration, serviceNames } from '../main-job/services/administrations.ts';

/** Every service of every administration; each finds what is prepared for it in a folder that is its alone. */
export const prepared = [administration, partnerAdministration].flatMap((owner) =>
  serviceNames.map((service) => ({ owner, service })),
);

/** Where the names and secrets lie that a service reads as its environment. */
export const settingsFile = 'settings.env';

/** The superuser's password, for Postgres itself and for whoever makes databases. */
export function postgresPasswordFile(folder: string): string {
  return join(folder, 'postgres', 'password');
}
