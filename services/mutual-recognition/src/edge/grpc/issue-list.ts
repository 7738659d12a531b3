import type { UnaryHandler } from '@aeo/platform/grpc';
import type { exchangeService } from '@aeo/proto';
import { issueNextList, type IssuePorts } from '../../application/issuing/issue-list.ts';
import { ourArrangement } from './get-arrangement.ts';

export const issueList =
  (ports: IssuePorts): UnaryHandler<exchangeService.IssueListRequest, exchangeService.IssueListResponse> =>
  async ({ arrangementId }) => {
    ourArrangement(ports.arrangement, arrangementId);
    const { sequence, count, digest } = await issueNextList(ports);
    return { sequence: BigInt(sequence), count: BigInt(count), digest: Buffer.from(digest, 'hex') };
  };
