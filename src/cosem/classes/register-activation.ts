// SPDX-License-Identifier: Apache-2.0
import { areEqual } from "../../core/equal-octets.js";
import type { Activation, RatedRegister, RegisterMask } from "../../tariff/register-activation.js";
import { registerActivationClass } from "../class-ids.js";
import {
	decodeArray,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeOctetString,
	decodeStructure,
	decodeUnsigned,
	encodeArray,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeOctetString,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { type Call, defineClass, type ElementSource } from "../model.js";
import { dataAccessResult } from "../result.js";

export interface RegisterActivationSpec {
	/** One of `activationGroup`. */
	readonly group: number;
	/** Class of the registers. */
	readonly classId: number;
	/** Logical name of quantity 0 and rate 0, to which C × 2^24 and E × 2^8 are added. */
	readonly registers: number;
}

const perC = 0x100_0000;
const perE = 0x100;
/** A register that is none. */
const unknown: RatedRegister = Object.freeze({ c: 0, rate: 0 });

function decodeRegister(r: Reader, spec: RegisterActivationSpec): RatedRegister {
	decodeStructure(r, 2);
	const classId = decodeLongUnsigned(r);
	const places = decodeLogicalName(r) - spec.registers;
	const c = Math.floor(places / perC);
	const rate = Math.floor((places % perC) / perE);
	const isOne = classId === spec.classId && places === c * perC + rate * perE && c > 0 && c < 256;
	return isOne ? { c, rate } : unknown;
}

function decodeMask(r: Reader): RegisterMask {
	decodeStructure(r, 2);
	const name = decodeOctetString(r).slice();
	const registers: number[] = [];
	for (let n = decodeArray(r); n > 0; n--) registers.push(decodeUnsigned(r));
	return { name, registers };
}

/** The active mask must not go. */
function write(call: Call, spec: RegisterActivationSpec, activation: Activation): number {
	const { tariff } = call.application;
	const active = tariff.mask(spec.group);
	if (!activation.masks.some(({ name }) => areEqual(name, active))) return dataAccessResult.otherReason;
	if (!tariff.activation.write(spec.group, activation)) return dataAccessResult.otherReason;
	call.application.tariffSchemeChanged();
	return dataAccessResult.success;
}

function load(call: Call, spec: RegisterActivationSpec): Activation {
	return call.application.tariff.activation.load(spec.group);
}

class AssignmentSource implements ElementSource {
	readonly #assignment: readonly RatedRegister[];
	readonly #spec: RegisterActivationSpec;

	constructor(call: Call, spec: RegisterActivationSpec) {
		this.#assignment = load(call, spec).assignment;
		this.#spec = spec;
	}

	get count(): number {
		return this.#assignment.length;
	}

	encodeElement(w: Writer, index: number): void {
		const { c, rate } = this.#assignment[index]!;
		encodeStructure(w, 2);
		encodeLongUnsigned(w, this.#spec.classId);
		encodeLogicalName(w, this.#spec.registers + c * perC + rate * perE);
	}
}

class MaskSource implements ElementSource {
	readonly #masks: readonly RegisterMask[];

	constructor(call: Call, spec: RegisterActivationSpec) {
		this.#masks = load(call, spec).masks;
	}

	get count(): number {
		return this.#masks.length;
	}

	encodeElement(w: Writer, index: number): void {
		const { name, registers } = this.#masks[index]!;
		encodeStructure(w, 2);
		encodeOctetString(w, name);
		encodeArray(w, registers.length);
		for (let n = 0; n < registers.length; n++) encodeUnsigned(w, registers[n]!);
	}
}

/** Register activation, class_id 6, version 0 (Blue Book 4.3.5). */
export const registerActivation = defineClass<RegisterActivationSpec>({
	classId: registerActivationClass,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "registerAssignment",
			elements: (call, spec) => new AssignmentSource(call, spec),
			set(r, call, spec) {
				const assignment: RatedRegister[] = [];
				for (let n = decodeArray(r); n > 0; n--) assignment.push(decodeRegister(r, spec));
				return write(call, spec, { ...load(call, spec), assignment });
			},
		},
		{
			id: 3,
			name: "maskList",
			elements: (call, spec) => new MaskSource(call, spec),
			set(r, call, spec) {
				const masks: RegisterMask[] = [];
				for (let n = decodeArray(r); n > 0; n--) masks.push(decodeMask(r));
				return write(call, spec, { ...load(call, spec), masks });
			},
		},
		{
			id: 4,
			name: "activeMask",
			encode: (w, { application }, spec) => encodeOctetString(w, application.tariff.mask(spec.group)),
		},
	],
	methods: [
		{
			id: 1,
			name: "addRegister",
			invoke(r, _w, call, spec) {
				const activation = load(call, spec);
				const assignment = [...activation.assignment, decodeRegister(r, spec)];
				return write(call, spec, { ...activation, assignment });
			},
		},
		{
			id: 2,
			name: "addMask",
			invoke(r, _w, call, spec) {
				const activation = load(call, spec);
				return write(call, spec, { ...activation, masks: [...activation.masks, decodeMask(r)] });
			},
		},
		{
			id: 3,
			name: "deleteMask",
			invoke(r, _w, call, spec) {
				const name = decodeOctetString(r);
				const activation = load(call, spec);
				const masks = activation.masks.filter((mask) => !areEqual(mask.name, name));
				if (masks.length === activation.masks.length) return dataAccessResult.otherReason;
				return write(call, spec, { ...activation, masks });
			},
		},
	],
});
