import { roles, type CertificateRoles } from '@aeo/platform/identity';

const officers = ['officer', 'seniorOfficer'] as const;
const firms = ['applicant', 'adviser'] as const;

/**
 * Which callers may use which commands and routes. Whether a caller may see an operator is decided on the operator
 * (`mayAccess` in domain/operator/access.ts), and who takes a step by the programme.
 */
export const callers = {
  /** Officers decide, and record what the authority knows. */
  command: { certificates: ['officer'], roles: officers },
  /** Reviews what another officer decided. */
  review: { certificates: ['officer'], roles: ['seniorOfficer'] },
  /** Commands of a firm about itself, or of an officer for it. */
  firm: { certificates: ['officer'], roles: [...firms, ...officers] },
  /** The firm itself names who acts for it. */
  delegate: { certificates: ['officer'], roles: ['applicant', ...officers] },
  /** The programme names who takes each step. */
  step: { certificates: ['officer'], roles: [...firms, ...officers, 'auditor', 'agency'] },
  /** Each authority records the facts it finds. */
  record: { certificates: ['officer'], roles: [...officers, 'auditor', 'agency'] },
  viewOperator: { certificates: ['officer'], roles: [...firms, ...officers, 'auditor', 'agency'] },
  /** The lists of all firms' applications and certificates. */
  worklist: { certificates: ['officer'], roles: [...officers, 'auditor', 'agency'] },
  /** Border posts may look an operator up as officers do. */
  read: {
    certificates: ['officer', 'border-system'],
    roles: [...officers, 'auditor', 'borderSystem'],
  },
  /** Every identified caller reads the register of certificates and the programmes. */
  register: { certificates: 'any', roles },
} as const;

/** The roles of callers with a client certificate, by their names. */
export const certificateRoles: CertificateRoles = {
  officer: ['officer'],
  'border-system': ['borderSystem'],
};
