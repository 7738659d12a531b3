/** Who calls: by certificate or token, in which roles, and what a rule lets them do. */
export {
  certificatePrincipal,
  roles,
  type CertificateRoles,
  type Principal,
  type Role,
} from './identity/principal.ts';
export { identify, type Identity } from './identity/identify.ts';
export type { Rule } from './identity/rule.ts';
export { tokenVerifier } from './identity/token.ts';
