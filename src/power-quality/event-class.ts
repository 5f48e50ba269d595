// SPDX-License-Identifier: Apache-2.0

/** Dips: rows A, B, C, D, X by residual voltage, five columns by duration. Swells: two rows, three columns. */
export const dipClasses = 25;
export const swellClasses = 6;
export const eventClasses = dipClasses + swellClasses;

/** EN 50160, classification of dips: least residual voltage of rows A to D in %, longest duration of columns 1 to 4. */
const dipRows = Object.freeze([80, 70, 40, 5]);
const dipColumns_ms = Object.freeze([200, 500, 1000, 5000]);
/** Swells: 120 % and above, then below; longest duration of columns 1 and 2. */
const highSwell = 120;
const swellColumns_ms = Object.freeze([500, 5000]);

function columnOf(columns_ms: readonly number[], duration_ms: number): number {
	let column = 0;
	while (column < columns_ms.length && duration_ms > columns_ms[column]!) column++;
	return column;
}

/**
 * Cell of a dip, 0..24, row by row: A1 … A5, B1 … X5. What lasts longer than a minute counts in the last column.
 * @param residual_mV of the worst phase
 */
export function dipClass(residual_mV: number, reference_mV: number, duration_ms: number): number {
	let row = 0;
	while (row < dipRows.length && residual_mV * 100 < reference_mV * dipRows[row]!) row++;
	return row * 5 + columnOf(dipColumns_ms, duration_ms);
}

/** Cell of a swell, 0..5: three columns from 120 % on, then three below. */
export function swellClass(highest_mV: number, reference_mV: number, duration_ms: number): number {
	const row = highest_mV * 100 >= reference_mV * highSwell ? 0 : 1;
	return row * 3 + columnOf(swellColumns_ms, duration_ms);
}
