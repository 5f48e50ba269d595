// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";
import { optionBit } from "./model.js";

/** A group of ordered options that function control may switch off while the meter runs (class 122). */
export interface Feature {
	/** ASCII. */
	readonly name: string;
	/** Sum of `optionBit`. */
	readonly options: number;
}

/**
 * What may be switched off, in the order of function_list. Links, keys, transformers and what proves frauds are not among
 * it: nobody may cut himself off or hide evidence (docs/decisions/0040).
 */
export const features: readonly Feature[] = deepFreeze([
	{ name: "disconnector", options: optionBit.disconnector },
	{ name: "limiter", options: optionBit.limiter },
	{
		name: "inputs-outputs",
		options: optionBit.io | optionBit.relay_1 | optionBit.relay_2 | optionBit.relay_3,
	},
	{ name: "power-quality", options: optionBit.pq },
]);

/** Bit n: an object with these options belongs to feature n. */
export function featuresOf(options: number): number {
	let mask = 0;
	for (let n = 0; n < features.length; n++) if ((options & features[n]!.options) !== 0) mask |= 1 << n;
	return mask;
}

/** An object with these options is there for features alone. */
export function isOfFeatures(options: number): boolean {
	let left = options;
	for (let n = 0; n < features.length; n++) left &= ~features[n]!.options;
	return left === 0;
}
