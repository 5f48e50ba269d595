// SPDX-License-Identifier: Apache-2.0
import { type Data, encodeData, readData } from "./axdr.js";
import { ByteReader, bigEndian, concat, DecodeError, encodeLength } from "./bytes.js";
import { encodeLogicalName, type ObjectRef } from "./data.js";

/** Results of GET, SET and ACTION (IEC 62056-5-3), with those of ACTION that differ in brackets. */
export const result = Object.freeze({
	success: 0,
	hardwareFault: 1,
	temporaryFailure: 2,
	readWriteDenied: 3,
	objectUndefined: 4,
	objectClassInconsistent: 9,
	objectUnavailable: 11,
	typeUnmatched: 12,
	scopeOfAccessViolated: 13,
	dataBlockUnavailable: 14,
	longGetAborted: 15, // [longActionAborted]
	noLongGetInProgress: 16, // [noLongActionInProgress]
	longSetAborted: 17,
	noLongSetInProgress: 18,
	dataBlockNumberInvalid: 19,
	otherReason: 250,
});

/** Invoke-id, service class and priority in one octet. */
export interface Invocation {
	readonly id: number;
	readonly isConfirmed?: boolean;
	readonly isHighPriority?: boolean;
}

function encodeInvocation({ id, isConfirmed = true, isHighPriority = true }: Invocation): number {
	return (id & 0x0f) | (isConfirmed ? 0x40 : 0) | (isHighPriority ? 0x80 : 0);
}

/** Access selector and its parameters. */
export interface Selection {
	readonly selector: number;
	readonly parameters: Data;
}

export interface AttributeRef {
	readonly ref: ObjectRef;
	readonly attribute: number;
	readonly selection?: Selection | undefined;
}

export interface MethodRef {
	readonly ref: ObjectRef;
	readonly method: number;
}

/** Class, logical name, attribute or method. */
function encodeTarget(ref: ObjectRef, id: number): Uint8Array {
	return concat(bigEndian(ref.classId, 2), encodeLogicalName(ref.logicalName), id & 0xff);
}

function encodeAttribute({ ref, attribute, selection }: AttributeRef): Uint8Array {
	const target = encodeTarget(ref, attribute);
	if (selection === undefined) return concat(target, 0);
	return concat(target, 1, selection.selector, encodeData(selection.parameters));
}

/** A part of a long value. `number` counts from 1. */
export interface Block {
	readonly isLast: boolean;
	readonly number: number;
	readonly raw: Uint8Array;
}

function encodeBlock({ isLast, number, raw }: Block): Uint8Array {
	return concat(isLast ? 1 : 0, bigEndian(number, 4), encodeLength(raw.length), raw);
}

export function encodeGet(invocation: Invocation, attribute: AttributeRef): Uint8Array {
	return concat(0xc0, 1, encodeInvocation(invocation), encodeAttribute(attribute));
}

export function encodeGetNext(invocation: Invocation, blockNumber: number): Uint8Array {
	return concat(0xc0, 2, encodeInvocation(invocation), bigEndian(blockNumber, 4));
}

export function encodeGetList(invocation: Invocation, attributes: readonly AttributeRef[]): Uint8Array {
	const items = attributes.map(encodeAttribute);
	return concat(0xc0, 3, encodeInvocation(invocation), encodeLength(items.length), ...items);
}

export function encodeSet(invocation: Invocation, attribute: AttributeRef, value: Data): Uint8Array {
	return concat(0xc1, 1, encodeInvocation(invocation), encodeAttribute(attribute), encodeData(value));
}

/** Values of a SET with list, each with its type, behind their number. */
export function encodeValues(values: readonly Data[]): Uint8Array {
	return concat(encodeLength(values.length), ...values.map(encodeData));
}

export function encodeSetList(
	invocation: Invocation,
	attributes: readonly AttributeRef[],
	values: readonly Data[],
): Uint8Array {
	const items = attributes.map(encodeAttribute);
	return concat(0xc1, 4, encodeInvocation(invocation), encodeLength(items.length), ...items, encodeValues(values));
}

export function encodeSetFirst(invocation: Invocation, attribute: AttributeRef, block: Block): Uint8Array {
	return concat(0xc1, 2, encodeInvocation(invocation), encodeAttribute(attribute), encodeBlock(block));
}

export function encodeSetListFirst(
	invocation: Invocation,
	attributes: readonly AttributeRef[],
	block: Block,
): Uint8Array {
	const items = attributes.map(encodeAttribute);
	return concat(0xc1, 5, encodeInvocation(invocation), encodeLength(items.length), ...items, encodeBlock(block));
}

export function encodeSetBlock(invocation: Invocation, block: Block): Uint8Array {
	return concat(0xc1, 3, encodeInvocation(invocation), encodeBlock(block));
}

export function encodeAction(invocation: Invocation, { ref, method }: MethodRef, parameter?: Data): Uint8Array {
	const parameters = parameter === undefined ? Uint8Array.of(0) : concat(1, encodeData(parameter));
	return concat(0xc3, 1, encodeInvocation(invocation), encodeTarget(ref, method), parameters);
}

export function encodeActionNext(invocation: Invocation, blockNumber: number): Uint8Array {
	return concat(0xc3, 2, encodeInvocation(invocation), bigEndian(blockNumber, 4));
}

/** Methods without a parameter are given null-data. */
export function encodeActionList(
	invocation: Invocation,
	methods: readonly MethodRef[],
	parameters: readonly Data[],
): Uint8Array {
	const items = methods.map(({ ref, method }) => encodeTarget(ref, method));
	return concat(0xc3, 3, encodeInvocation(invocation), encodeLength(items.length), ...items, encodeValues(parameters));
}

export function encodeActionFirst(invocation: Invocation, { ref, method }: MethodRef, block: Block): Uint8Array {
	return concat(0xc3, 4, encodeInvocation(invocation), encodeTarget(ref, method), encodeBlock(block));
}

export function encodeActionListFirst(invocation: Invocation, methods: readonly MethodRef[], block: Block): Uint8Array {
	const items = methods.map(({ ref, method }) => encodeTarget(ref, method));
	return concat(0xc3, 5, encodeInvocation(invocation), encodeLength(items.length), ...items, encodeBlock(block));
}

export function encodeActionBlock(invocation: Invocation, block: Block): Uint8Array {
	return concat(0xc3, 6, encodeInvocation(invocation), encodeBlock(block));
}

/** Result of reading one attribute: data when `result` is 0. */
export interface GetResult {
	readonly result: number;
	readonly data: Data | undefined;
}

/** Result of one method. `data` is what it gives back, `dataResult` says why it gives nothing. */
export interface ActionResult {
	readonly result: number;
	readonly data: Data | undefined;
	readonly dataResult: number | undefined;
}

/** Any answer to GET, SET or ACTION. */
export type ServiceResponse = { readonly invocation: number } & (
	| { readonly kind: "get"; readonly value: GetResult }
	| { readonly kind: "getBlock"; readonly block: Block | undefined; readonly isLast: boolean; readonly result: number }
	| { readonly kind: "getList"; readonly values: readonly GetResult[] }
	| { readonly kind: "set"; readonly result: number }
	| { readonly kind: "setBlock"; readonly blockNumber: number }
	| { readonly kind: "setLast"; readonly result: number; readonly blockNumber: number }
	| { readonly kind: "setLastList"; readonly results: readonly number[]; readonly blockNumber: number }
	| { readonly kind: "setList"; readonly results: readonly number[] }
	| { readonly kind: "action"; readonly value: ActionResult }
	| { readonly kind: "actionBlock"; readonly block: Block }
	| { readonly kind: "actionList"; readonly values: readonly ActionResult[] }
	| { readonly kind: "actionNext"; readonly blockNumber: number }
);

export function readGetResult(r: ByteReader): GetResult {
	const choice = r.unsigned(1);
	if (choice === 0) return { result: 0, data: readData(r) };
	if (choice === 1) return { result: r.unsigned(1), data: undefined };
	throw new DecodeError(`choice ${choice} of a get result`, r.offset - 1);
}

/** The results of a GET with list. */
export function readGetResults(r: ByteReader): GetResult[] {
	return Array.from({ length: r.length() }, () => readGetResult(r));
}

export function readActionResult(r: ByteReader): ActionResult {
	const code = r.unsigned(1);
	if (r.unsigned(1) === 0) return { result: code, data: undefined, dataResult: undefined };
	const { result: dataResult, data } = readGetResult(r);
	return { result: code, data, dataResult };
}

/** The results of an ACTION with list. */
export function readActionResults(r: ByteReader): ActionResult[] {
	return Array.from({ length: r.length() }, () => readActionResult(r));
}

function readBlock(r: ByteReader): Block {
	return { isLast: r.unsigned(1) !== 0, number: r.unsigned(4), raw: r.octets() };
}

function readResults(r: ByteReader): number[] {
	return Array.from({ length: r.length() }, () => r.unsigned(1));
}

/** @throws DecodeError on anything that is not a response to GET, SET or ACTION */
export function decodeResponse(bytes: Uint8Array): ServiceResponse {
	const r = new ByteReader(bytes);
	const tag = r.unsigned(1);
	const choice = r.unsigned(1);
	const invocation = r.unsigned(1);
	const response = readResponse(r, tag, choice, invocation);
	r.expectEnd();
	return response;
}

function readResponse(r: ByteReader, tag: number, choice: number, invocation: number): ServiceResponse {
	switch ((tag << 8) | choice) {
		case 0xc401:
			return { kind: "get", invocation, value: readGetResult(r) };
		case 0xc402:
			return readGetBlock(r, invocation);
		case 0xc403:
			return { kind: "getList", invocation, values: readGetResults(r) };
		case 0xc501:
			return { kind: "set", invocation, result: r.unsigned(1) };
		case 0xc502:
			return { kind: "setBlock", invocation, blockNumber: r.unsigned(4) };
		case 0xc503:
			return { kind: "setLast", invocation, result: r.unsigned(1), blockNumber: r.unsigned(4) };
		case 0xc504:
			return { kind: "setLastList", invocation, results: readResults(r), blockNumber: r.unsigned(4) };
		case 0xc505:
			return { kind: "setList", invocation, results: readResults(r) };
		case 0xc701:
			return { kind: "action", invocation, value: readActionResult(r) };
		case 0xc702:
			return { kind: "actionBlock", invocation, block: readBlock(r) };
		case 0xc703:
			return { kind: "actionList", invocation, values: readActionResults(r) };
		case 0xc704:
			return { kind: "actionNext", invocation, blockNumber: r.unsigned(4) };
		default:
			throw new DecodeError(`response ${tag.toString(16)} ${choice}`, 0);
	}
}

/** Block with raw data or with a result. */
function readGetBlock(r: ByteReader, invocation: number): ServiceResponse {
	const isLast = r.unsigned(1) !== 0;
	const number = r.unsigned(4);
	const choice = r.unsigned(1);
	if (choice === 1) return { kind: "getBlock", invocation, block: undefined, isLast, result: r.unsigned(1) };
	if (choice !== 0) throw new DecodeError(`choice ${choice} of a data block`, r.offset - 1);
	return { kind: "getBlock", invocation, block: { isLast, number, raw: r.octets() }, isLast, result: 0 };
}
