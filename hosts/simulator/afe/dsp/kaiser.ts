// SPDX-License-Identifier: Apache-2.0

/** Modified Bessel function of the first kind, order 0 (power series; arguments up to about 20). */
function besselI0(x: number): number {
	const q = (x * x) / 4;
	let term = 1;
	let sum = 1;
	for (let k = 1; term > sum * 1e-17; k++) {
		term *= q / (k * k);
		sum += term;
	}
	return sum;
}

/** Kaiser window at `x` = −1 … 1 (0 is the middle); 0 outside. */
export function kaiser(x: number, beta: number): number {
	const inside = 1 - x * x;
	return inside < 0 ? 0 : besselI0(beta * Math.sqrt(inside)) / besselI0(beta);
}
