/** The roles of callers. A token names its roles; a service defines which certificates stand for which roles. */
export const roles = [
  'applicant',
  'adviser',
  'officer',
  'seniorOfficer',
  'agency',
  'auditor',
  'borderSystem',
  'service',
] as const;

export type Role = (typeof roles)[number];

/** The caller: a system, identified by its certificate, or the holder of a token. */
export type Principal = {
  kind: 'certificate' | 'token';
  /** The common name of the certificate, or the subject of the token. */
  subject: string;
  roles: readonly Role[];
  /** The operators a token speaks for; a certificate speaks for none. */
  operatorIds: readonly string[];
  /** The other authorities a token speaks for, as the programmes name them. */
  agencies: readonly string[];
};

/** The roles that the holders of certificates have, by the names of the certificates. */
export type CertificateRoles = Readonly<Record<string, readonly Role[]>>;

/** The principal of a connection; an empty name is a connection without a certificate of our authority. */
export function certificatePrincipal(name: string, certificateRoles: CertificateRoles = {}): Principal {
  const held = Object.hasOwn(certificateRoles, name) ? (certificateRoles[name] ?? []) : [];
  return { kind: 'certificate', subject: name, roles: held, operatorIds: [], agencies: [] };
}

/** A principal as records name it: no subject of a token can be mistaken for a certificate. */
export function recordedName({ kind, subject }: Principal): string {
  return kind === 'token' ? `token:${subject}` : subject;
}

/** The person or system a caller acts for: a system states it, the holder of a token acts for itself. */
export function actorOf({ kind, subject }: Principal, stated: string | undefined): string {
  return kind === 'token' ? subject : (stated ?? '');
}
