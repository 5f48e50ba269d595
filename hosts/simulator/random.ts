// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createHash } from "node:crypto";
import type { Random } from "../../src/ports/random.js";

/**
 * Repeatable random octets: AES-128 in counter mode, keyed by seed and purpose, so that the same seed gives the same
 * bytes on every link (G7) and one consumer's appetite does not shift another's numbers. For the simulator only.
 */
export class SeededRandom implements Random {
	readonly #stream;

	/** @param purpose names the consumer; different names give unrelated streams */
	constructor(seed: number, purpose: string) {
		const key = createHash("sha256").update(`${seed} ${purpose}`).digest().subarray(0, 16);
		this.#stream = createCipheriv("aes-128-ctr", key, new Uint8Array(16));
	}

	fill(into: Uint8Array): void {
		into.set(this.#stream.update(new Uint8Array(into.length)));
	}
}
