/** The version of a status record: first the epoch, which a restore raises, then the number within it. */
export type StatusVersion = { epoch: bigint; number: bigint };

export function isOlder(left: StatusVersion, right: StatusVersion): boolean {
  return left.epoch < right.epoch || (left.epoch === right.epoch && left.number < right.number);
}
