import { solveSymmetric } from './linear-system.ts';

/** Weights in the order of the columns, the intercept last. */
export type LogisticModel = { weights: number[]; intercept: number };

const roundsMax = 30;
const tolerance = 1e-8;

/**
 * L2-regularised logistic regression by Newton's method (iteratively re-weighted least squares). The intercept is not
 * penalised; `penalty` is 1/C of the usual formulation.
 *
 * @param columns one array for each feature, all of the length of `outcomes`
 */
export function fitLogistic(columns: Float64Array[], outcomes: Uint8Array, penalty = 1): LogisticModel {
  const width = columns.length + 1;
  const rows = outcomes.length;
  const all = [...columns, new Float64Array(rows).fill(1)];
  const weights = new Float64Array(width);
  for (let round = 0; round < roundsMax; round += 1) {
    const { gradient, hessian } = derivatives(all, outcomes, weights, penalty);
    const step = solveSymmetric(hessian, gradient);
    let largest = 0;
    for (let index = 0; index < width; index += 1) {
      weights[index] = (weights[index] ?? 0) + (step[index] ?? 0);
      largest = Math.max(largest, Math.abs(step[index] ?? 0));
    }
    if (largest < tolerance) break;
  }
  return { weights: [...weights.subarray(0, width - 1)], intercept: weights[width - 1] ?? 0 };
}

function derivatives(columns: Float64Array[], outcomes: Uint8Array, weights: Float64Array, penalty: number) {
  const width = columns.length;
  const rows = outcomes.length;
  const logOdds = new Float64Array(rows);
  columns.forEach((column, index) => {
    const weight = weights[index] ?? 0;
    if (weight !== 0) for (let row = 0; row < rows; row += 1) logOdds[row]! += weight * column[row]!;
  });
  const residual = new Float64Array(rows);
  const curvature = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const probability = sigmoid(logOdds[row]!);
    residual[row] = outcomes[row]! - probability;
    curvature[row] = Math.max(1e-12, probability * (1 - probability));
  }
  const gradient = new Float64Array(width);
  const hessian = new Float64Array(width * width);
  for (let left = 0; left < width; left += 1) {
    const a = columns[left]!;
    const penalised = left < width - 1 ? penalty : 0;
    gradient[left] = dot(a, residual) - penalised * (weights[left] ?? 0);
    for (let right = 0; right <= left; right += 1) {
      const sum = weightedDot(a, columns[right]!, curvature) + (left === right ? penalised : 0);
      hessian[left * width + right] = sum;
      hessian[right * width + left] = sum;
    }
  }
  return { gradient, hessian };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += a[index]! * b[index]!;
  return sum;
}

function weightedDot(a: Float64Array, b: Float64Array, weight: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += a[index]! * b[index]! * weight[index]!;
  return sum;
}

export function sigmoid(logOdds: number): number {
  return logOdds >= 0 ? 1 / (1 + Math.exp(-logOdds)) : Math.exp(logOdds) / (1 + Math.exp(logOdds));
}
