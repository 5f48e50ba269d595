// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { demandQuantities } from "../metrology/demand/demand-quantities.js";
import { numberOfRates, ratedQuantities } from "../metrology/rate-registers.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { longestName } from "./calendar-head.js";

/** Registers of energy and of maximum demand are activated apart (0-0:14.0.1, 0-0:14.0.2). */
export const activationGroup = Object.freeze({ energy: 0, demand: 1 });

export const maximumMasks = 32;

/** A register that can be activated: quantity (value group C) and rate. */
export interface RatedRegister {
	readonly c: number;
	readonly rate: number;
}

export interface RegisterMask {
	readonly name: Uint8Array;
	/** Numbers in the assignment, from 1. */
	readonly registers: readonly number[];
}

/** What a client can set of a register activation object. */
export interface Activation {
	readonly assignment: readonly RatedRegister[];
	readonly masks: readonly RegisterMask[];
}

const layoutVersion = 1;

/** Quantities of a group. */
export function quantitiesOf(group: number): readonly number[] {
	return group === activationGroup.energy ? ratedQuantities : demandQuantities;
}

/**
 * Register assignments and masks, read when they are needed:
 *
 *   version 1 · number of registers · per register C, rate · number of masks · per mask length of the name, name, number of
 *   registers, their numbers
 *
 * A mask has exactly one rate of each quantity, so that the rates of a quantity add up to its total whatever is active.
 */
export class RegisterActivation {
	readonly #store: RecordStore;

	constructor(store: RecordStore) {
		this.#store = store;
	}

	load(group: number): Activation {
		const bytes = this.read(group);
		return bytes === undefined ? factoryActivation(group) : decode(bytes);
	}

	/** @returns false, unchanged, when it contradicts itself. @throws DeviceError, unchanged */
	write(group: number, activation: Activation): boolean {
		if (!isSound(group, activation)) return false;
		this.#store.write(recordKey.registerActivation + group, encode(activation));
		return true;
	}

	/** Rate of each quantity under a mask, in the order of `quantitiesOf`. @returns false, nothing filled, when it is unknown */
	rates(group: number, name: Uint8Array, into: Uint8Array): boolean {
		const bytes = this.read(group);
		if (bytes === undefined) {
			const rate = name.length === 1 ? name[0]! - zero : 0;
			if (rate < 1 || rate > numberOfRates) return false;
			into.fill(rate);
			return true;
		}
		const quantities = quantitiesOf(group);
		let at = 2 + 2 * bytes[1]!;
		for (let masks = bytes[at++]!; masks > 0; masks--) {
			const nameAt = at + 1;
			const listAt = nameAt + bytes[at]!;
			if (isName(bytes, nameAt, listAt, name)) {
				for (let n = bytes[listAt]!; n > 0; n--) {
					const register = 2 * bytes[listAt + n]!;
					into[quantities.indexOf(bytes[register]!)] = bytes[register + 1]!;
				}
				return true;
			}
			at = listAt + 1 + bytes[listAt]!;
		}
		return false;
	}

	hasMask(group: number, name: Uint8Array): boolean {
		return this.rates(group, name, new Uint8Array(quantitiesOf(group).length));
	}

	/** Undefined when nobody has changed anything, or the record is damaged. */
	private read(group: number): Uint8Array | undefined {
		const bytes = new Uint8Array(longestRecord);
		let length = -1;
		try {
			length = this.#store.read(recordKey.registerActivation + group, bytes);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		return length > 0 && bytes[0] === layoutVersion ? bytes : undefined;
	}
}

const zero = 0x30;
const longestRecord =
	2 + 2 * ratedQuantities.length * numberOfRates + 1 + maximumMasks * (2 + longestName + ratedQuantities.length);

function isName(bytes: Uint8Array, from: number, to: number, name: Uint8Array): boolean {
	if (to - from !== name.length) return false;
	for (let n = 0; n < name.length; n++) if (bytes[from + n] !== name[n]) return false;
	return true;
}

/** All rates of all quantities, and masks "1" to "8" with one rate each. */
function factoryActivation(group: number): Activation {
	const quantities = quantitiesOf(group);
	const assignment: RatedRegister[] = [];
	const masks: RegisterMask[] = [];
	for (let rate = 1; rate <= numberOfRates; rate++) {
		const registers: number[] = [];
		for (let n = 0; n < quantities.length; n++) {
			assignment.push({ c: quantities[n]!, rate });
			registers.push(assignment.length);
		}
		masks.push({ name: Uint8Array.of(zero + rate), registers });
	}
	return { assignment, masks };
}

function isSound(group: number, { assignment, masks }: Activation): boolean {
	const quantities = quantitiesOf(group);
	const names: string[] = [];
	const isAssigned = new Uint8Array(quantities.length * numberOfRates);
	for (let n = 0; n < assignment.length; n++) {
		const { c, rate } = assignment[n]!;
		const quantity = quantities.indexOf(c);
		if (quantity < 0 || rate < 1 || rate > numberOfRates) return false;
		const at = quantity * numberOfRates + rate - 1;
		if (isAssigned[at] !== 0) return false;
		isAssigned[at] = 1;
	}
	if (masks.length > maximumMasks) return false;
	for (let n = 0; n < masks.length; n++) {
		const { name, registers } = masks[n]!;
		if (name.length < 1 || name.length > longestName || registers.length !== quantities.length) return false;
		if (names.includes(name.join())) return false;
		names.push(name.join());
		const covered: number[] = [];
		for (let m = 0; m < registers.length; m++) {
			const c = assignment[registers[m]! - 1]?.c;
			if (c === undefined || covered.includes(c)) return false;
			covered.push(c);
		}
	}
	return true;
}

function encode({ assignment, masks }: Activation): Uint8Array {
	const bytes: number[] = [layoutVersion, assignment.length];
	for (let n = 0; n < assignment.length; n++) bytes.push(assignment[n]!.c, assignment[n]!.rate);
	bytes.push(masks.length);
	for (let n = 0; n < masks.length; n++) {
		const { name, registers } = masks[n]!;
		bytes.push(name.length, ...name, registers.length, ...registers);
	}
	return Uint8Array.from(bytes);
}

function decode(bytes: Uint8Array): Activation {
	const assignment: RatedRegister[] = [];
	const masks: RegisterMask[] = [];
	let at = 2;
	for (let n = bytes[1]!; n > 0; n--, at += 2) assignment.push({ c: bytes[at]!, rate: bytes[at + 1]! });
	for (let n = bytes[at++]!; n > 0; n--) {
		const name = bytes.slice(at + 1, at + 1 + bytes[at]!);
		at += 1 + name.length;
		const registers: number[] = [];
		for (let m = 1; m <= bytes[at]!; m++) registers.push(bytes[at + m]!);
		at += 1 + registers.length;
		masks.push({ name, registers });
	}
	return { assignment, masks };
}
