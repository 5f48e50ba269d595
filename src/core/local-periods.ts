// SPDX-License-Identifier: Apache-2.0

/** What periodic parts need of the meter's clock. Seconds count from 2000-01-01; while time is lost they run on regardless. */
export interface LocalClock {
	utc_s(): number;
	/** Monotonic time at which the clock reads `utc_s`, if it is not moved before. */
	monotonicAt_ms(utc_s: number): number;
	/** Local time of a moment. */
	local_s(utc_s: number): number;
	/** Minutes from local time to UTC at a moment. */
	deviation_min(utc_s: number): number;
	/** Clock status octet of a moment: bit 0 invalid, bit 7 daylight saving. */
	status(utc_s: number): number;
}

/**
 * First moment after `utc_s` at which local time is a multiple of the period from midnight.
 *
 * Local time is taken to jump at most once between two boundaries. Where it jumps onto or past a boundary, the moment of
 * the jump counts only if local time is a multiple there.
 */
export function boundaryAfter(clock: LocalClock, utc_s: number, period_s: number): number {
	const boundary_s = utc_s + period_s - rest(clock.local_s(utc_s), period_s);
	if (clock.deviation_min(boundary_s) === clock.deviation_min(utc_s)) return boundary_s;
	const jump_s = jumpBetween(clock, utc_s, boundary_s);
	return jump_s + rest(-clock.local_s(jump_s), period_s);
}

/** Last such moment that is not after `utc_s`. */
export function boundaryUpTo(clock: LocalClock, utc_s: number, period_s: number): number {
	const boundary_s = utc_s - rest(clock.local_s(utc_s), period_s);
	if (clock.deviation_min(boundary_s) === clock.deviation_min(utc_s)) return boundary_s;
	const before_s = jumpBetween(clock, boundary_s, utc_s) - 1;
	return before_s - rest(clock.local_s(before_s), period_s);
}

export function isBoundary(clock: LocalClock, utc_s: number, period_s: number): boolean {
	return rest(clock.local_s(utc_s), period_s) === 0;
}

/** First second after `from_s` with the deviation of `to_s`. */
export function jumpBetween(clock: LocalClock, from_s: number, to_s: number): number {
	const deviation_min = clock.deviation_min(to_s);
	let before_s = from_s;
	let after_s = to_s;
	while (after_s - before_s > 1) {
		const middle_s = Math.floor((before_s + after_s) / 2);
		if (clock.deviation_min(middle_s) === deviation_min) after_s = middle_s;
		else before_s = middle_s;
	}
	return after_s;
}

/** Remainder 0 … period-1, also of negative numbers. */
function rest(value_s: number, period_s: number): number {
	return ((value_s % period_s) + period_s) % period_s;
}
