import { registryService } from '@aeo/proto';
import { sizeClasses, statuses } from '../application/publication/status-message.ts';
import type { ListedCertificate, Ports } from '../ports.ts';
import { pageByIdPair } from './id-pair-page.ts';

/** A page of the register of certificates. */
export async function certificatePage(
  ports: Pick<Ports, 'listCertificates'>,
  paging: { limit: number; cursor: string },
) {
  const { items, nextCursor } = await pageByIdPair(
    paging,
    ([certificateId, operatorId], limit) => ports.listCertificates({ certificateId, operatorId }, limit),
    ({ certificate: { certificateId }, operatorId }) => [certificateId, operatorId],
  );
  return { items: items.map(summaryOf), nextCursor };
}

function summaryOf({
  operatorId,
  sizeClass,
  certificate,
}: ListedCertificate): registryService.CertificateSummary {
  return registryService.CertificateSummary.fromPartial({
    certificateId: certificate.certificateId,
    operatorId,
    programmeId: certificate.programmeId,
    tier: certificate.tier,
    status: statuses[certificate.status],
    sizeClass: sizeClasses[sizeClass] ?? 0,
  });
}
