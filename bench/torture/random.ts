// SPDX-License-Identifier: Apache-2.0
import { SeededRandom } from "../../hosts/simulator/random.js";

/** Numbers 0 ≤ x < 1 out of a seed, drawn in blocks: torn sectors want thousands of them. */
export function generator(seed: number, what: string): () => number {
	const random = new SeededRandom(seed, what);
	const words = new Uint32Array(4096);
	const octets = new Uint8Array(words.buffer);
	let next = words.length;
	return () => {
		if (next === words.length) {
			random.fill(octets);
			next = 0;
		}
		return words[next++]! / 2 ** 32;
	};
}

/** Whole number from 0 to `below` - 1. */
export function pick(random: () => number, below: number): number {
	return Math.floor(random() * below);
}
