import { roles, type CertificateRoles } from '@aeo/platform/principal';

/**
 * Who may do what. Officers alone command; border posts may look an operator up as officers do. The register of
 * certificates is public: whoever is known to our authority reads it.
 */
export const callers = {
  command: { certificates: ['officer'], roles: ['officer', 'seniorOfficer'] },
  read: {
    certificates: ['officer', 'border-system'],
    roles: ['officer', 'seniorOfficer', 'auditor', 'borderSystem'],
  },
  register: { certificates: 'any', roles },
} as const;

/** What the holders of certificates are. */
export const certificateRoles: CertificateRoles = {
  officer: ['officer'],
  'border-system': ['borderSystem'],
};
