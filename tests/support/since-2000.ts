// SPDX-License-Identifier: Apache-2.0

/** What the meter counts UTC from, on the host's scale, ms. */
export const epoch_ms = Date.UTC(2000, 0, 1);

/** Seconds since 2000-01-01T00:00:00Z. @param date ISO 8601, or milliseconds of the host's scale */
export function since2000_s(date: string | number): number {
	return ((typeof date === "string" ? Date.parse(date) : date) - epoch_ms) / 1000;
}
