// SPDX-License-Identifier: Apache-2.0
import { randomFillSync } from "node:crypto";
import type { Random } from "../../src/ports/random.js";

/** Random octets of the operating system. */
export const systemRandom: Random = Object.freeze({
	fill(into: Uint8Array): void {
		randomFillSync(into);
	},
});
