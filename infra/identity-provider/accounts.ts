import type { Role } from '@aeo/platform/identity';

/** A person who can sign in. All are invented; their passwords are no secrets and open nothing beyond this machine. */
export type Account = {
  /** The subject of the person's tokens. */
  id: string;
  name: string;
  password: string;
  roles: readonly Role[];
  operatorIds: readonly string[];
  agencies: readonly string[];
};

/** A system that gets tokens for itself (client credentials). */
export type SystemClient = { id: string; secret: string; roles: readonly Role[] };

const firm = 'sample-firm';
const otherFirm = 'sample-other-firm';

export const accounts: readonly Account[] = [
  person('mira.solberg', 'Mira Solberg', 'applicant', [firm]),
  person('tomas.reyl', 'Tomas Reyl', 'adviser', [firm, otherFirm]),
  person('ines.valdar', 'Ines Valdar', 'officer'),
  person('oskar.brandt', 'Oskar Brandt', 'seniorOfficer'),
  { ...person('lena.kovic', 'Lena Kovic', 'agency'), agencies: ['health'] },
  person('ravi.menor', 'Ravi Menor', 'auditor'),
];

export const systems: readonly SystemClient[] = [
  { id: 'border-post', secret: 'sample-border-post', roles: ['borderSystem'] },
  { id: 'back-office', secret: 'sample-back-office', roles: ['service'] },
];

function person(id: string, name: string, role: Role, operatorIds: readonly string[] = []): Account {
  return { id, name, password: `sample-${id}`, roles: [role], operatorIds, agencies: [] };
}

/** The account with these credentials, if there is one. */
export function findAccount(id: string, password: string): Account | undefined {
  return accounts.find((account) => account.id === id && account.password === password);
}

/** The accounts and their roles, for the terminal. */
export function accountsText(issuer: string): string {
  const people = accounts.map(({ id, password, roles }) => `  ${roles.join(', ')}: ${id} / ${password}`);
  const clients = systems.map(({ id, secret, roles }) => `  ${roles.join(', ')}: client ${id} / ${secret}`);
  return ['', `Sample accounts, for tokens of ${issuer}`, ...people, ...clients, ''].join('\n');
}
