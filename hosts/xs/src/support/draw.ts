// SPDX-License-Identifier: Apache-2.0

/** Draws an integer 0 ≤ n < below. */
export type Draw = (below: number) => number;

/** xorshift32: the same numbers in every run. @param seed not 0 */
export function generator(seed: number): Draw {
	let state = seed | 0 || 1;
	return (below) => {
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) % below;
	};
}

/** Octets that lengths, counts and flags turn on. */
const favourites: readonly number[] = Object.freeze([0, 1, 2, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xff]);

/** One to four changes from octet `from` on: an octet, a piece taken out, put in or cut off. */
export function mutate(bytes: Uint8Array, draw: Draw, from = 0): Uint8Array {
	const out = [...bytes];
	for (let n = 1 + draw(4); n > 0; n--) {
		const at = from + draw(Math.max(out.length - from, 0) + 1);
		switch (draw(5)) {
			case 0:
				out[Math.min(at, Math.max(out.length - 1, 0))] = draw(256);
				break;
			case 1:
				out.splice(at, 1 + draw(4));
				break;
			case 2:
				out.splice(at, 0, draw(256), draw(256));
				break;
			case 3:
				out.length = Math.min(out.length, at + 1);
				break;
			default:
				out[Math.min(at, Math.max(out.length - 1, 0))] = favourites[draw(favourites.length)]!;
		}
	}
	return Uint8Array.from(out);
}
