import type { UnaryHandler } from '@aeo/platform/grpc';
import type { exchangeService } from '@aeo/proto';
import { digestOf, headerText, inOrder } from '../domain/list.ts';
import type { Ports } from '../ports.ts';
import { ourArrangement } from './get-arrangement.ts';

const dayMs = 86_400_000;

/** Signs the present status of our operators as the next list of an arrangement. */
export const issueList =
  ({
    arrangement,
    issued,
    ownRows,
    signer,
    now,
  }: Pick<Ports, 'arrangement' | 'issued' | 'ownRows' | 'signer' | 'now'>): UnaryHandler<
    exchangeService.IssueListRequest,
    exchangeService.IssueListResponse
  > =>
  async ({ arrangementId }) => {
    ourArrangement(arrangement, arrangementId);
    const rows = inOrder(await ownRows());
    const { header } = await issued.issue(async (sequence, previousHash) => {
      const issuedAt = now();
      const signed = {
        issuer: arrangement.own.administration,
        arrangement: arrangement.id,
        sequence,
        previousHash,
        count: rows.length,
        digest: digestOf(rows),
        issuedAt: issuedAt.toISOString(),
        validUntil: new Date(issuedAt.getTime() + arrangement.listValidDays * dayMs).toISOString(),
      };
      return { header: signed, rows, signature: await signer.sign(headerText(signed)) };
    });
    const { sequence, count, digest } = header;
    return { sequence: BigInt(sequence), count: BigInt(count), digest: Buffer.from(digest, 'hex') };
  };
