// SPDX-License-Identifier: Apache-2.0
import type { TestLeds } from "../ports/test-leds.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import type { EnergyRegisters } from "./energy-registers.js";
import { energyIndex } from "./front-end.js";
import { ledQuantity } from "./led-constant.js";

/** What a test output gives impulses of (0-0:96.56.3). */
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

/** What lights an LED: an output of the chip, impulses of the processor, the clock part; -1: nothing can. */
export const ledDriver = Object.freeze({ none: -1, chip: 0, processor: 1, clock: 2 });

/** How a meter counts, and what it has beside the outputs of its chip. */
export interface LedMeans {
	/** Totals are sums of what each phase registered. */
	readonly isArithmetic: boolean;
	/** Apparent energy is √(P² + Q²). */
	readonly isVectorial: boolean;
	readonly leds: TestLeds | undefined;
}

/**
 * What lights an LED for `source` as the registers count it. A chip sums the phases with their signs and knows S as the sum
 * of U·I; where the registers count otherwise, impulses come from the processor. A board without a timer for them shows the
 * sum of the chip, but no other apparent energy.
 */
export function driverOf(source: number, { isArithmetic, isVectorial, leds }: LedMeans): number {
	if (source === ledSource.clock) return leds === undefined ? ledDriver.none : ledDriver.clock;
	if (!(source >= ledSource.importActive && source < ledSource.clock)) return ledDriver.none;
	const isApparent = source === ledSource.importApparent;
	if (!(isArithmetic || (isApparent && isVectorial))) return ledDriver.chip;
	if (leds?.flash !== undefined) return ledDriver.processor;
	return isApparent ? ledDriver.none : ledDriver.chip;
}

/** What the outputs of the chip are told: those of others, which are the clock to it, stay off. */
export function chipSources(sources: readonly number[], means: LedMeans): readonly number[] {
	if (sources.every((source) => driverOf(source, means) === ledDriver.chip)) return sources;
	return sources.map((source) => (driverOf(source, means) === ledDriver.chip ? source : ledSource.clock));
}

/** Codes of the last interval that `source` has impulses of. */
export function registerOfSource(registers: EnergyRegisters, source: number): number {
	switch (source) {
		case ledSource.importActive:
			return registers.codes(1);
		case ledSource.absoluteActive:
			return registers.codes(15);
		case ledSource.importReactive:
			return registers.codes(3);
		case ledSource.importApparent:
			return registers.codes(9);
		default:
			return registers.codes(3) + registers.codes(4);
	}
}

/** Outputs that are off whatever flows, bit n for output n. */
export function outputsWithoutSource(sources: readonly number[]): number {
	let off = 0;
	for (let n = 0; n < sources.length; n++) if (sources[n] === ledSource.clock) off |= 1 << n;
	return off;
}

/**
 * The outputs that have to be off while energy flows as in the last interval, bit n for output n.
 * @param energy_codes of the interval, as `FrontEndReading` @param before what it was: zero energy has no direction of its own
 */
export function outputsAgainst(sources: readonly number[], energy_codes: readonly number[], before: number): number {
	let off = outputsWithoutSource(sources);
	for (let n = 0; n < sources.length; n++) {
		const source = sources[n]!;
		if (source === ledSource.absoluteActive || source === ledSource.absoluteReactive || source === ledSource.clock)
			continue;
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
export function readLedSources(store: RecordStore, means: LedMeans): readonly number[] {
	const bytes = new Uint8Array(length);
	try {
		if (store.read(recordKey.ledSources, bytes) !== length || bytes[0] !== version) return factoryLedSources;
	} catch {
		return factoryLedSources;
	}
	const sources = [bytes[1]!, bytes[2]!];
	return sources.every((source) => driverOf(source, means) !== ledDriver.none) ? sources : factoryLedSources;
}

/** @throws DeviceError when the medium refuses */
export function writeLedSources(store: RecordStore, sources: readonly number[]): void {
	store.write(recordKey.ledSources, Uint8Array.of(version, sources[0]!, sources[1]!));
}
