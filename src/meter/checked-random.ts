// SPDX-License-Identifier: Apache-2.0

import { DeviceError } from "../core/device-error.js";
import type { Random } from "../ports/random.js";

/** Octets that the start-up test draws. */
const startUpLength = 512;
/**
 * Equal octets in a row, and occurrences of one octet among `startUpLength`, that a source of at least 6 bits of entropy in
 * an octet gives once in 2^40 tests (NIST SP 800-90B, 4.4.1 and 4.4.2).
 */
const longestRun = 7;
const mostOccurrences = 34;
const blockLength = 64;

/**
 * Random octets of a source that is watched (SEC-rng): a start-up test when it is made, and the repetition count over every
 * octet that is given. A source that has failed once gives nothing any more: what needs random numbers is refused.
 */
export class CheckedRandom implements Random {
	isHealthy = true;
	readonly #source: Random;
	#last = -1;
	#run = 0;

	constructor(source: Random) {
		this.#source = source;
		this.testStart();
	}

	/** @throws DeviceError("random", "health") when the source has failed; `into` holds zeros then */
	fill(into: Uint8Array): void {
		if (this.isHealthy) {
			this.#source.fill(into);
			this.count(into);
		}
		if (this.isHealthy) return;
		into.fill(0);
		throw new DeviceError("random", "health");
	}

	/** Repetition count and adaptive proportion over the first octets. */
	private testStart(): void {
		const block = new Uint8Array(blockLength);
		let sample = -1;
		let occurrences = 0;
		for (let n = 0; n < startUpLength; n += blockLength) {
			this.#source.fill(block);
			this.count(block);
			if (sample < 0) sample = block[0]!;
			for (let at = 0; at < blockLength; at++) if (block[at] === sample) occurrences++;
		}
		if (occurrences > mostOccurrences) this.isHealthy = false;
		block.fill(0);
	}

	private count(octets: Uint8Array): void {
		for (let n = 0; n < octets.length; n++) {
			if (octets[n] === this.#last) this.#run++;
			else {
				this.#last = octets[n]!;
				this.#run = 1;
			}
			if (this.#run > longestRun) this.isHealthy = false;
		}
	}
}
