/**
 * Stable reasons of refusals, the same over gRPC, REST and streams. A reason once published keeps its meaning.
 */
export const errorReasons = {
  FIELD_REQUIRED: 'A required field is missing or empty.',
  FIELD_FORMAT: 'A field does not have the form its rule asks for.',
  FIELD_RANGE: 'A number or date lies outside its bounds.',
  FIELD_UNKNOWN: 'A field that this version does not have.',
  FIELD_UNKNOWN_VALUE: 'A field of a closed list has a value this version does not know.',
  IDENTIFIER_FORMAT: 'An identifier is malformed.',
  PARTY_MISSING: 'A declaration lacks a party it must name.',
  PARTY_REPEATED: 'A role that one party at most may have is named twice.',
  BODY_TOO_LARGE: 'The request is larger than the limit.',
  BODY_MALFORMED: 'The request cannot be parsed.',
  BATCH_TOO_LARGE: 'A batch has more entries than the limit.',
  KEY_REUSED: 'The same key was used before with other content.',
  NOT_FOUND: 'Nothing is known under this name.',
  OUT_OF_ORDER: 'The command does not fit the present state.',
  CERTIFICATE_EXISTS:
    'The operator holds a certificate of this component; only its reinstatement brings benefits back.',
  REAPPLICATION_BARRED: 'After a revocation, the time before one may apply again has not passed yet.',
  VERSION_CONFLICT: 'Somebody else changed the record first.',
  NOT_ALLOWED: 'The caller may not do this.',
  PEER_NOT_REGISTERED: 'The peer is not known.',
  SIGNATURE_INVALID: 'A signature does not verify.',
  LIST_COUNT_MISMATCH: 'A list has another number of rows than its signed header.',
  LIST_DIGEST_MISMATCH: 'A list has another digest than its signed header.',
  SEQUENCE_REGRESSION: 'A list is older than, or the same as, the list in force.',
  EQUIVOCATION: 'The same sequence was signed with other content.',
  CHAIN_BROKEN: 'A list does not follow on the previous list.',
  REMOVALS_NEED_APPROVAL: 'A list removes more operators at once than may go without a second person.',
  LIST_ROW_UNUSABLE: 'A list has a row that cannot be used; the path names it.',
  LIST_REJECTED: 'A second person has refused the absences of this list.',
  PARTNER_UNKNOWN: 'No arrangement exists with this partner.',
  NO_HISTORY: 'There is nothing to train on.',
  STALE: 'The answer would be older than allowed.',
  UNAVAILABLE: 'A part this answer needs cannot be reached.',
  INTERNAL: 'A fault on our side.',
} as const;

export type ErrorReason = keyof typeof errorReasons;
