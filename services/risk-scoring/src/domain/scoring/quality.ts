/** The chance that a finding scores above a conforming item; ties count half. NaN when one kind is missing. */
export function areaUnderCurve(scores: Float64Array, outcomes: Uint8Array): number {
  const order = rankAscending(scores);
  let rankSum = 0;
  let findings = 0;
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end += 1;
    const averageRank = (start + 1 + end) / 2;
    for (let index = start; index < end; index += 1) {
      if (outcomes[order[index]!] === 1) {
        rankSum += averageRank;
        findings += 1;
      }
    }
    start = end;
  }
  const others = order.length - findings;
  return (rankSum - (findings * (findings + 1)) / 2) / (findings * others);
}

/** The share of findings among the highest-scored share of items, ceil(share × items) of them; ties in order. */
export function precisionAt(share: number, scores: Float64Array, outcomes: Uint8Array): number {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]!);
  const taken = order.slice(0, Math.ceil(share * order.length));
  return taken.reduce((sum, index) => sum + outcomes[index]!, 0) / taken.length;
}

function rankAscending(scores: Float64Array): number[] {
  return Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
}
