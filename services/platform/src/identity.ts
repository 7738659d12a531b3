/** Who calls: by certificate or token, in which roles, and what a rule lets them do. */
export { roles, type CertificateRoles, type Role } from './identity/principal.ts';
export type { Rule } from './identity/rule.ts';
