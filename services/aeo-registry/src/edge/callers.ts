import { roles, type CertificateRoles } from '@aeo/platform/identity';

const officers = ['officer', 'seniorOfficer'] as const;
const firms = ['applicant', 'adviser'] as const;

/**
 * Who may do what. Rules let a kind of caller in at all; whose file it may see or change is decided on the file (`concerns`
 * in domain/access.ts), and a step of a file by whom the programme names.
 */
export const callers = {
  /** Officers decide, and record what the authority knows. */
  command: { certificates: ['officer'], roles: officers },
  /** Judges what another officer decided. */
  review: { certificates: ['officer'], roles: ['seniorOfficer'] },
  /** What a firm does about itself, or an officer for it. */
  file: { certificates: ['officer'], roles: [...firms, ...officers] },
  /** Who speaks for a firm is for the firm itself to say. */
  delegate: { certificates: ['officer'], roles: ['applicant', ...officers] },
  /** Steps are by whom the programme names. */
  step: { certificates: ['officer'], roles: [...firms, ...officers, 'auditor', 'agency'] },
  /** Facts come from each of those that find them. */
  record: { certificates: ['officer'], roles: [...officers, 'auditor', 'agency'] },
  seen: { certificates: ['officer'], roles: [...firms, ...officers, 'auditor', 'agency'] },
  /** The lists of all firms' files. */
  worklist: { certificates: ['officer'], roles: [...officers, 'auditor', 'agency'] },
  /** Border posts may look an operator up as officers do. */
  read: {
    certificates: ['officer', 'border-system'],
    roles: [...officers, 'auditor', 'borderSystem'],
  },
  /** The register of certificates and the programmes are public: whoever is known to our authority reads them. */
  register: { certificates: 'any', roles },
} as const;

/** What the holders of certificates are. */
export const certificateRoles: CertificateRoles = {
  officer: ['officer'],
  'border-system': ['borderSystem'],
};
