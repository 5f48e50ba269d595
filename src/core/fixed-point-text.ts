// SPDX-License-Identifier: Apache-2.0

/** Integer in units of 10^-decimals as a decimal fraction, with at least `integerDigits` digits in front of the point. */
export function formatFixed(value: number, decimals: number, integerDigits = 1): string {
	const digits = String(Math.abs(value)).padStart(decimals + integerDigits, "0");
	const at = digits.length - decimals;
	const sign = value < 0 ? "-" : "";
	return decimals === 0 ? sign + digits : `${sign}${digits.slice(0, at)}.${digits.slice(at)}`;
}
