// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { areSame } from "../core/same-octets.js";
import { demandQuantities } from "../metrology/demand/demand-quantities.js";
import { numberOfRates, ratedQuantities } from "../metrology/rate-registers.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { longestName } from "./calendar-head.js";

/** Registers of energy and of maximum demand are activated apart (0-0:14.0.1, 0-0:14.0.2). */
export const activationGroup = Object.freeze({ energy: 0, demand: 1 });

export const maximumMasks = 32;

export interface RegisterMask {
	readonly name: Uint8Array;
	/** Numbers in the assignment, from 1. */
	readonly registers: Uint8Array;
}

/** What a client can set of a register activation object. */
export interface Activation {
	/** Of each register that can be activated quantity (value group C) and rate. */
	readonly assignment: Uint8Array;
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
		if (bytes === undefined) return { assignment: factoryAssignment(group), masks: factoryMasks(group) };
		return { assignment: assignmentIn(bytes), masks: masksIn(bytes) };
	}

	/** The one of `load`. */
	assignment(group: number): Uint8Array {
		const bytes = this.read(group);
		return bytes === undefined ? factoryAssignment(group) : assignmentIn(bytes);
	}

	/** Those of `load`. */
	masks(group: number): readonly RegisterMask[] {
		const bytes = this.read(group);
		return bytes === undefined ? factoryMasks(group) : masksIn(bytes);
	}

	/** Whether it does not contradict itself. @param hasOther false where the assignment is the one of `load` */
	isSound(group: number, activation: Activation, hasOther: boolean): boolean {
		return (!hasOther || isAssignmentSound(group, activation.assignment)) && areMasksSound(group, activation);
	}

	/** @param activation is sound @throws DeviceError, unchanged */
	write(group: number, activation: Activation): void {
		this.#store.write(recordKey.registerActivation + group, encode(activation));
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
	return to - from === name.length && areSame(bytes, from, name, 0, name.length);
}

/** All rates of all quantities: first rate 1 of each. */
function factoryAssignment(group: number): Uint8Array {
	const quantities = quantitiesOf(group);
	const assignment = new Uint8Array(2 * quantities.length * numberOfRates);
	let at = 0;
	for (let rate = 1; rate <= numberOfRates; rate++) {
		for (let n = 0; n < quantities.length; n++) {
			assignment[at++] = quantities[n]!;
			assignment[at++] = rate;
		}
	}
	return assignment;
}

/** Masks "1" to "8" with one rate each. */
function factoryMasks(group: number): RegisterMask[] {
	const { length } = quantitiesOf(group);
	const masks: RegisterMask[] = [];
	for (let rate = 1, register = 1; rate <= numberOfRates; rate++) {
		const registers = new Uint8Array(length);
		for (let n = 0; n < length; n++) registers[n] = register++;
		masks.push({ name: Uint8Array.of(zero + rate), registers });
	}
	return masks;
}

/** By C number of the quantity, from 1; 0 for what is none of the group. */
function numbersOfQuantities(group: number): Uint8Array {
	const quantities = quantitiesOf(group);
	const numbers = new Uint8Array(256);
	for (let n = 0; n < quantities.length; n++) numbers[quantities[n]!] = n + 1;
	return numbers;
}

/** Each register is one of the group, and there once. */
function isAssignmentSound(group: number, assignment: Uint8Array): boolean {
	const quantityOf = numbersOfQuantities(group);
	/** By rate: bit n is quantity n. */
	const assigned = new Uint32Array(numberOfRates + 1);
	const { length } = assignment;
	for (let n = 0; n < length; n += 2) {
		const quantity = quantityOf[assignment[n]!]!;
		const rate = assignment[n + 1]!;
		if (quantity === 0 || rate === 0 || rate > numberOfRates) return false;
		const known = assigned[rate]!;
		const bit = 1 << quantity;
		if ((known & bit) !== 0) return false;
		assigned[rate] = known | bit;
	}
	return true;
}

/** Names are different, and each mask has one register of each quantity. @param assignment is sound */
function areMasksSound(group: number, { assignment, masks }: Activation): boolean {
	if (masks.length > maximumMasks) return false;
	const quantityOf = numbersOfQuantities(group);
	const { length } = assignment;
	const count = quantitiesOf(group).length;
	const names: string[] = [];
	for (let n = 0; n < masks.length; n++) {
		const { name, registers } = masks[n]!;
		if (name.length < 1 || name.length > longestName || registers.length !== count) return false;
		const text = name.join();
		if (names.includes(text)) return false;
		names.push(text);
		let covered = 0;
		for (let m = 0; m < count; m++) {
			const register = 2 * registers[m]!;
			if (register === 0 || register > length) return false;
			const bit = 1 << quantityOf[assignment[register - 2]!]!;
			if ((covered & bit) !== 0) return false;
			covered |= bit;
		}
	}
	return true;
}

function encode({ assignment, masks }: Activation): Uint8Array {
	let length = 3 + assignment.length;
	for (let n = 0; n < masks.length; n++) length += 2 + masks[n]!.name.length + masks[n]!.registers.length;
	const bytes = new Uint8Array(length);
	bytes[0] = layoutVersion;
	bytes[1] = assignment.length / 2;
	bytes.set(assignment, 2);
	let at = 2 + assignment.length;
	bytes[at++] = masks.length;
	for (let n = 0; n < masks.length; n++) {
		const { name, registers } = masks[n]!;
		bytes[at++] = name.length;
		bytes.set(name, at);
		at += name.length;
		bytes[at++] = registers.length;
		bytes.set(registers, at);
		at += registers.length;
	}
	return bytes;
}

function assignmentIn(record: Uint8Array): Uint8Array {
	return record.subarray(2, 2 + 2 * record[1]!);
}

function masksIn(record: Uint8Array): RegisterMask[] {
	let at = 2 + 2 * record[1]!;
	const masks: RegisterMask[] = [];
	for (let n = record[at++]!; n > 0; n--) {
		const listAt = at + 1 + record[at]!;
		const end = listAt + 1 + record[listAt]!;
		masks.push({ name: record.subarray(at + 1, listAt), registers: record.subarray(listAt + 1, end) });
		at = end;
	}
	return masks;
}
