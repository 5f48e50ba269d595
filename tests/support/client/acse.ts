// SPDX-License-Identifier: Apache-2.0
import { ByteReader, bigEndian, concat, DecodeError, encodeLength } from "./bytes.js";

/** Bits of the conformance block; bit 0 is the most significant of the 24 (IEC 62056-5-3). */
export const conformanceBit = Object.freeze({
	generalProtection: 1,
	generalBlockTransfer: 2,
	attribute0WithSet: 8,
	priorityManagement: 9,
	attribute0WithGet: 10,
	blockTransferWithGet: 11,
	blockTransferWithSet: 12,
	blockTransferWithAction: 13,
	multipleReferences: 14,
	dataNotification: 16,
	access: 17,
	get: 19,
	set: 20,
	selectiveAccess: 21,
	eventNotification: 22,
	action: 23,
});

/** The 24 bits as a number with these set. */
export function conformance(...bits: readonly (keyof typeof conformanceBit)[]): number {
	return bits.reduce((block, name) => block | (1 << (23 - conformanceBit[name])), 0);
}

export interface InitiateRequest {
	readonly dedicatedKey?: Uint8Array;
	readonly responseAllowed?: boolean;
	readonly qualityOfService?: number;
	/** 6 unless given. */
	readonly dlmsVersion?: number;
	readonly conformance: number;
	/** 0 = no limit. */
	readonly maximumPduSize: number;
}

export function encodeInitiateRequest(request: InitiateRequest): Uint8Array {
	const { dedicatedKey, responseAllowed, qualityOfService } = request;
	return concat(
		0x01,
		dedicatedKey === undefined ? 0 : concat(1, encodeLength(dedicatedKey.length), dedicatedKey),
		responseAllowed === undefined ? 0 : concat(1, responseAllowed ? 1 : 0), // default true
		qualityOfService === undefined ? 0 : concat(1, qualityOfService),
		request.dlmsVersion ?? 6,
		Uint8Array.of(0x5f, 0x1f, 0x04, 0x00),
		bigEndian(request.conformance, 3),
		bigEndian(request.maximumPduSize, 2),
	);
}

export interface InitiateResponse {
	readonly qualityOfService: number | undefined;
	readonly dlmsVersion: number;
	readonly conformance: number;
	readonly maximumPduSize: number;
	readonly vaaName: number;
}

export function decodeInitiateResponse(bytes: Uint8Array): InitiateResponse {
	const r = new ByteReader(bytes);
	r.expect(0x08, "initiate response");
	const qualityOfService = r.unsigned(1) === 0 ? undefined : r.unsigned(1);
	const dlmsVersion = r.unsigned(1);
	for (const octet of [0x5f, 0x1f, 0x04, 0x00]) r.expect(octet, "conformance");
	const response: InitiateResponse = {
		qualityOfService,
		dlmsVersion,
		conformance: r.unsigned(3),
		maximumPduSize: r.unsigned(2),
		vaaName: r.unsigned(2),
	};
	r.expectEnd();
	return response;
}

/** 2.16.756.5.8.`arc`.`number`: arc 1 application contexts, arc 2 mechanisms. */
function dlmsName(arc: 1 | 2, number: number): Uint8Array {
	return Uint8Array.of(0x60, 0x85, 0x74, 0x05, 0x08, arc, number);
}

function field(tag: number, ...content: readonly (Uint8Array | number)[]): Uint8Array {
	const whole = concat(...content);
	return concat(tag, encodeLength(whole.length), whole);
}

export interface AssociationRequest {
	/** Application context: 1 logical names, 3 logical names with ciphering. */
	readonly context: number;
	readonly systemTitle?: Uint8Array | undefined;
	/** calling-AE-qualifier: DER of the client's signature certificate. */
	readonly certificate?: Uint8Array | undefined;
	/** calling-AE-invocation-id */
	readonly userId?: number | undefined;
	/** Authentication mechanism; none for the lowest level. */
	readonly mechanism?: number | undefined;
	/** Password or challenge. */
	readonly authenticationValue?: Uint8Array | undefined;
	/** InitiateRequest, plain or ciphered. */
	readonly userInformation?: Uint8Array | undefined;
}

export function encodeAarq(request: AssociationRequest): Uint8Array {
	const { systemTitle, certificate, userId, mechanism, authenticationValue, userInformation } = request;
	const parts: Uint8Array[] = [field(0xa1, field(0x06, dlmsName(1, request.context)))];
	if (systemTitle !== undefined) parts.push(field(0xa6, field(0x04, systemTitle)));
	if (certificate !== undefined) parts.push(field(0xa7, field(0x04, certificate)));
	if (userId !== undefined) parts.push(field(0xa9, field(0x02, bigEndian(userId, 1))));
	if (mechanism !== undefined) {
		parts.push(field(0x8a, Uint8Array.of(0x07, 0x80)), field(0x8b, dlmsName(2, mechanism)));
	}
	if (authenticationValue !== undefined) parts.push(field(0xac, field(0x80, authenticationValue)));
	if (userInformation !== undefined) parts.push(field(0xbe, field(0x04, userInformation)));
	return field(0x60, ...parts);
}

export interface AssociationResponse {
	readonly context: number;
	/** 0 accepted, 1 rejected permanently, 2 rejected for now. */
	readonly result: number;
	/** 1 = ACSE service user, 2 = provider. */
	readonly diagnosticSource: number;
	readonly diagnostic: number;
	readonly systemTitle: Uint8Array | undefined;
	readonly mechanism: number | undefined;
	/** Challenge of the meter. */
	readonly authenticationValue: Uint8Array | undefined;
	/** InitiateResponse or ConfirmedServiceError, perhaps ciphered. */
	readonly userInformation: Uint8Array | undefined;
}

interface BerField {
	readonly tag: number;
	readonly content: Uint8Array;
}

function* berFields(bytes: Uint8Array): Generator<BerField> {
	const r = new ByteReader(bytes);
	while (r.left > 0) yield { tag: r.unsigned(1), content: r.octets() };
}

/** Content of the one field with this tag inside `bytes`. */
function inner(bytes: Uint8Array, tag: number): Uint8Array {
	const r = new ByteReader(bytes);
	r.expect(tag, "field");
	const content = r.octets();
	r.expectEnd();
	return content;
}

function nameNumber(bytes: Uint8Array, arc: 1 | 2): number {
	const expected = dlmsName(arc, bytes[6] ?? 0);
	if (bytes.length !== 7 || expected.some((octet, at) => octet !== bytes[at])) throw new DecodeError("not a name", 0);
	return bytes[6]!;
}

/** Value of an INTEGER of one octet. */
function smallInteger(bytes: Uint8Array): number {
	const content = inner(bytes, 0x02);
	if (content.length !== 1) throw new DecodeError("integer of one octet expected", 0);
	return content[0]!;
}

export function decodeAare(bytes: Uint8Array): AssociationResponse {
	const found = new Map<number, Uint8Array>();
	for (const { tag, content } of berFields(inner(bytes, 0x61))) {
		if (found.has(tag)) throw new DecodeError(`field ${tag.toString(16)} is there twice`, 0);
		found.set(tag, content);
	}
	const required = (tag: number): Uint8Array => {
		const content = found.get(tag);
		if (content === undefined) throw new DecodeError(`field ${tag.toString(16)} is missing`, 0);
		return content;
	};
	const diagnostic = required(0xa3);
	const diagnosticSource = diagnostic[0]! - 0xa0;
	const title = found.get(0xa4);
	const mechanism = found.get(0x89);
	const value = found.get(0xaa);
	const information = found.get(0xbe);
	return {
		context: nameNumber(inner(required(0xa1), 0x06), 1),
		result: smallInteger(required(0xa2)),
		diagnosticSource,
		diagnostic: smallInteger(inner(diagnostic, 0xa0 + diagnosticSource)),
		systemTitle: title === undefined ? undefined : inner(title, 0x04),
		mechanism: mechanism === undefined ? undefined : nameNumber(mechanism, 2),
		authenticationValue: value === undefined ? undefined : inner(value, 0x80),
		userInformation: information === undefined ? undefined : inner(information, 0x04),
	};
}

/** Reason 0 normal, 1 urgent, 30 user defined; absent when undefined. */
export function encodeRlrq(reason: number | undefined, userInformation?: Uint8Array): Uint8Array {
	const parts: Uint8Array[] = [];
	if (reason !== undefined) parts.push(field(0x80, reason));
	if (userInformation !== undefined) parts.push(field(0xbe, field(0x04, userInformation)));
	return field(0x62, ...parts);
}

export interface ReleaseResponse {
	readonly reason: number | undefined;
	readonly userInformation: Uint8Array | undefined;
}

export function decodeRlre(bytes: Uint8Array): ReleaseResponse {
	let reason: number | undefined;
	let userInformation: Uint8Array | undefined;
	for (const { tag, content } of berFields(inner(bytes, 0x63))) {
		if (tag === 0x80) reason = new ByteReader(content).unsigned(1);
		else if (tag === 0xbe) userInformation = inner(content, 0x04);
		else throw new DecodeError(`unknown field ${tag.toString(16)}`, 0);
	}
	return { reason, userInformation };
}

/** ConfirmedServiceError: which service, which group of errors, which error. */
export interface ServiceErrorInfo {
	readonly service: number;
	readonly group: number;
	readonly error: number;
}

export function decodeConfirmedServiceError(bytes: Uint8Array): ServiceErrorInfo {
	const r = new ByteReader(bytes);
	r.expect(0x0e, "confirmed service error");
	const info = { service: r.unsigned(1), group: r.unsigned(1), error: r.unsigned(1) };
	r.expectEnd();
	return info;
}
