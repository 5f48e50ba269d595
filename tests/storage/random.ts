// SPDX-License-Identifier: Apache-2.0

/** Seeded numbers 0 ≤ x < 1 (mulberry32), so that a failure can be repeated. */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b_79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
	};
}

/** Integer from `from` to `to`, both included. */
export function between(random: () => number, from: number, to: number): number {
	return from + Math.floor(random() * (to - from + 1));
}
