// SPDX-License-Identifier: Apache-2.0
import type { Random } from "../../../src/ports/random.js";

declare function native(name: string): (...items: unknown[]) => unknown;

/** esp-random.c */
function fillRandom(this: unknown, into: Uint8Array): void {
	native("sx402_fillRandom").call(this, into);
}

/** The hardware generator, with its noise source running. */
export class EspRandom implements Random {
	fill(into: Uint8Array): void {
		fillRandom.call(undefined, into);
	}
}
