import type { UnaryHandler } from '@aeo/platform/grpc';
import type { exchangeService } from '@aeo/proto';
import { headerText, inOrder } from '../../domain/list/list.ts';
import { nextHeader } from '../../domain/list/next-list.ts';
import { rowOf } from '../../domain/list/own-row.ts';
import type { Ports } from '../../ports.ts';
import { ourArrangement } from './get-arrangement.ts';

/** Signs the present status of our operators as the next list, or answers with the last one while that still serves. */
export const issueList =
  ({
    arrangement,
    issued,
    ownOperators,
    signer,
    now,
  }: Pick<Ports, 'arrangement' | 'issued' | 'ownOperators' | 'signer' | 'now'>): UnaryHandler<
    exchangeService.IssueListRequest,
    exchangeService.IssueListResponse
  > =>
  async ({ arrangementId }) => {
    ourArrangement(arrangement, arrangementId);
    const operators = await ownOperators();
    const at = now();
    const rows = inOrder(operators.flatMap((operator) => rowOf(operator, arrangement, at) ?? []));
    const { sequence, count, digest } = await issued.issue(async (last) => {
      const header = nextHeader(last, rows, arrangement, at);
      return header && { header, rows, signature: await signer.sign(headerText(header)) };
    });
    return { sequence: BigInt(sequence), count: BigInt(count), digest: Buffer.from(digest, 'hex') };
  };
