// SPDX-License-Identifier: Apache-2.0
import { concat } from "../../core/concat.js";
import { areEqual } from "../../core/equal-octets.js";
import { areSame } from "../../core/same-octets.js";
import type { Activation, RegisterActivation, RegisterMask } from "../../tariff/register-activation.js";
import { registerActivationClass } from "../class-ids.js";
import {
	decodeArray,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeOctetString,
	decodeStructure,
	encodeArray,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeOctetString,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { dataTag } from "../codec/data-tag.js";
import type { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import { type Call, defineClass, type ElementSource } from "../model.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
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
/** Octets of an element of the assignment, and where in it the value groups C to F of the name stand. */
const registerSize = 13;
const groupC = 9;
const groupD = 10;
const groupE = 11;
const groupF = 12;

function encodeRegister(w: Writer, spec: RegisterActivationSpec, c: number, rate: number): void {
	encodeStructure(w, 2);
	encodeLongUnsigned(w, spec.classId);
	encodeLogicalName(w, spec.registers + c * perC + rate * perE);
}

/** Quantity and rate of `count` registers, 0 and 0 of one that is none; mostly they differ in nothing but these two. */
function decodeRegisters(r: Reader, count: number, spec: RegisterActivationSpec): Uint8Array {
	const pattern = new Writer(registerSize);
	encodeRegister(pattern, spec, 0, 0);
	const like = pattern.bytes;
	const d = like[groupD];
	const f = like[groupF];
	const { bytes, end } = r;
	const registers = new Uint8Array(2 * count);
	let at = r.position;
	for (let n = 0; n < 2 * count; n += 2) {
		const next = at + registerSize;
		if (next <= end && areSame(bytes, at, like, 0, groupC) && bytes[at + groupD] === d && bytes[at + groupF] === f) {
			registers[n] = bytes[at + groupC]!;
			registers[n + 1] = bytes[at + groupE]!;
			at = next;
			continue;
		}
		r.position = at;
		decodeStructure(r, 2);
		decodeLongUnsigned(r);
		decodeLogicalName(r);
		at = r.position;
	}
	r.position = at;
	return registers;
}

function decodeMask(r: Reader): RegisterMask {
	decodeStructure(r, 2);
	const name = decodeOctetString(r);
	const count = decodeArray(r);
	const registers = new Uint8Array(count);
	const { bytes } = r;
	const at = r.position;
	const end = at + 2 * count;
	if (end > r.end) throw new CodecError("truncated", at);
	for (let n = 0, tag = at; n < count; n++, tag += 2) {
		if (bytes[tag] !== dataTag.unsigned) throw new CodecError("type", tag);
		registers[n] = bytes[tag + 1]!;
	}
	r.position = end;
	return { name, registers };
}

/** The active mask must not go. @param hasOther as of `RegisterActivation.isSound` */
const write = inPieces(function* (
	call: Call,
	spec: RegisterActivationSpec,
	activation: Activation,
	hasOther: boolean,
): Pieces {
	const { tariff } = call.application;
	yield pause.always;
	if (!tariff.activation.isSound(spec.group, activation, hasOther)) return dataAccessResult.otherReason;
	yield pause.always;
	const active = tariff.mask(spec.group);
	if (!activation.masks.some(({ name }) => areEqual(name, active))) return dataAccessResult.otherReason;
	tariff.activation.write(spec.group, activation);
	call.application.tariffSchemeChanged();
	return dataAccessResult.success;
});

function activationOf({ application }: Call): RegisterActivation {
	return application.tariff.activation;
}

class AssignmentSource implements ElementSource {
	readonly #assignment: Uint8Array;
	readonly #spec: RegisterActivationSpec;

	constructor(call: Call, spec: RegisterActivationSpec) {
		this.#assignment = activationOf(call).assignment(spec.group);
		this.#spec = spec;
	}

	get count(): number {
		return this.#assignment.length / 2;
	}

	encodeElement(w: Writer, index: number): void {
		encodeRegister(w, this.#spec, this.#assignment[2 * index]!, this.#assignment[2 * index + 1]!);
	}
}

class MaskSource implements ElementSource {
	readonly #masks: readonly RegisterMask[];

	constructor(call: Call, spec: RegisterActivationSpec) {
		this.#masks = activationOf(call).masks(spec.group);
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
				const assignment = decodeRegisters(r, decodeArray(r), spec);
				return write(call, spec, { assignment, masks: activationOf(call).masks(spec.group) }, true);
			},
		},
		{
			id: 3,
			name: "maskList",
			elements: (call, spec) => new MaskSource(call, spec),
			set: inPieces(function* (r: Reader, call: Call, spec: RegisterActivationSpec): Pieces {
				const masks: RegisterMask[] = [];
				for (let n = decodeArray(r); n > 0; n--) {
					masks.push(decodeMask(r));
					yield pause.whenSpent;
				}
				return yield* write(call, spec, { assignment: activationOf(call).assignment(spec.group), masks }, false);
			}),
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
				const activation = activationOf(call).load(spec.group);
				const assignment = concat(activation.assignment, decodeRegisters(r, 1, spec));
				return write(call, spec, { ...activation, assignment }, true);
			},
		},
		{
			id: 2,
			name: "addMask",
			invoke(r, _w, call, spec) {
				const activation = activationOf(call).load(spec.group);
				const masks = [...activation.masks, decodeMask(r)];
				return write(call, spec, { ...activation, masks }, false);
			},
		},
		{
			id: 3,
			name: "deleteMask",
			invoke(r, _w, call, spec) {
				const name = decodeOctetString(r);
				const activation = activationOf(call).load(spec.group);
				const masks = activation.masks.filter((mask) => !areEqual(mask.name, name));
				if (masks.length === activation.masks.length) return dataAccessResult.otherReason;
				return write(call, spec, { ...activation, masks }, false);
			},
		},
	],
});
