// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { energyIndex } from "./front-end.js";
import { ledQuantity } from "./led-constant.js";

/** What a test output gives impulses of (0-0:96.56.3). The clock is an output of the model that no measuring chip has. */
export const ledSource = Object.freeze({
	importActive: 0,
	absoluteActive: 1,
	importReactive: 2,
	importApparent: 3,
	absoluteReactive: 4,
	clock: 5,
});

/** Of the two outputs: A+ and |R|. */
export const factoryLedSources: readonly number[] = Object.freeze([ledSource.importActive, ledSource.absoluteReactive]);
/** Whatever the direction: what the outputs of a chip do by themselves. */
export const undirectedLedSources: readonly number[] = Object.freeze([
	ledSource.absoluteActive,
	ledSource.absoluteReactive,
]);

/** One of `ledQuantity`, whose constant holds. */
export function quantityOfSource(source: number): number {
	if (source === ledSource.importApparent) return ledQuantity.apparent;
	return source === ledSource.importActive || source === ledSource.absoluteActive
		? ledQuantity.active
		: ledQuantity.reactive;
}

/**
 * Whether a chip gives impulses of it as the registers count. @param isSumOfPhases apparent energy is the sum of U·I, and the
 * direction that of the sum of the phases
 */
export function isLedSourcePossible(source: number, isSumOfPhases: boolean): boolean {
	if (source === ledSource.importApparent) return isSumOfPhases;
	return source >= ledSource.importActive && source <= ledSource.absoluteReactive;
}

/**
 * The outputs that have to be off while energy flows as in the last interval, bit n for output n.
 * @param energy_codes of the interval, as `FrontEndReading` @param before what it was: zero energy has no direction of its own
 */
export function outputsAgainst(sources: readonly number[], energy_codes: readonly number[], before: number): number {
	let off = 0;
	for (let n = 0; n < sources.length; n++) {
		const source = sources[n]!;
		if (source === ledSource.absoluteActive || source === ledSource.absoluteReactive) continue;
		const first = source === ledSource.importReactive ? energyIndex.reactive : energyIndex.active;
		const sum = energy_codes[first]! + energy_codes[first + 1]! + energy_codes[first + 2]!;
		if (sum < 0 || (sum === 0 && (before & (1 << n)) !== 0)) off |= 1 << n;
	}
	return off;
}

/** Layout: version 1 · source of each output. */
const version = 1;
const length = 3;

/** Those of the factory where none have been set, or the record cannot be used. */
export function readLedSources(store: RecordStore, isSumOfPhases: boolean): readonly number[] {
	const bytes = new Uint8Array(length);
	try {
		if (store.read(recordKey.ledSources, bytes) !== length || bytes[0] !== version) return factoryLedSources;
	} catch {
		return factoryLedSources;
	}
	const sources = [bytes[1]!, bytes[2]!];
	return sources.every((source) => isLedSourcePossible(source, isSumOfPhases)) ? sources : factoryLedSources;
}

/** @throws DeviceError when the medium refuses */
export function writeLedSources(store: RecordStore, sources: readonly number[]): void {
	store.write(recordKey.ledSources, Uint8Array.of(version, sources[0]!, sources[1]!));
}
