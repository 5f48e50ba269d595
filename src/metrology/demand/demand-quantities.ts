// SPDX-License-Identifier: Apache-2.0

/** Quantities with demand registers, value group C: A+, A-, R+, R-, S+, S-, |A|. */
export const demandQuantities: readonly number[] = Object.freeze([1, 2, 3, 4, 9, 10, 15]);
/** The first of them have cumulative maxima. */
export const cumulativeQuantities = 4;
/** Total and rates 1..8. */
export const rateCount = 9;
/** What is summed over a period: the quantities, then R1 and R4, which with A+ give the power factor of the import. */
export const summedQuantities: readonly number[] = Object.freeze([...demandQuantities, 5, 8]);
export const summedIndex = Object.freeze({ importActive: 0, r1: 7, r4: 8 });
