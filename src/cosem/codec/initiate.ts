// SPDX-License-Identifier: Apache-2.0

import { CodecError } from "./codec-error.js";
import { decodeLength, encodeLength } from "./length.js";
import type { Reader } from "./reader.js";
import type { Writer } from "./writer.js";

export const initiateRequestTag = 0x01;
export const initiateResponseTag = 0x08;
export const confirmedServiceErrorTag = 0x0e;

/** [APPLICATION 31] in BER inside the A-XDR: tag of two octets, length, number of unused bits. */
const conformanceHeader = 0x5f1f_0400;
const vaaNameLogicalNames = 0x0007;
const longestKey = 32;

/** Parameters of an association as the client proposes or the server grants them. Reused. */
export class Initiate {
	/** Octets of the dedicated key, a view on the request; undefined when there is none. */
	dedicatedKey: Uint8Array | undefined;
	isResponseAllowed = true;
	/** -1 when absent. */
	qualityOfService = -1;
	dlmsVersion = 6;
	/** 24 bits, bit 0 of the standard is the most significant. */
	conformance = 0;
	/** client-max-receive-pdu-size or server-max-receive-pdu-size. */
	maximumReceiveSize = 0;
}

export function encodeInitiateRequest(w: Writer, request: Initiate): void {
	w.u8(initiateRequestTag);
	const key = request.dedicatedKey;
	w.u8(key === undefined ? 0 : 1);
	if (key !== undefined) {
		encodeLength(w, key.length);
		w.octets(key);
	}
	w.u8(request.isResponseAllowed ? 0 : 1); // DEFAULT TRUE: present only when false
	if (!request.isResponseAllowed) w.u8(0);
	writeQualityOfService(w, request.qualityOfService);
	w.u8(request.dlmsVersion);
	writeConformance(w, request.conformance);
	w.u16(request.maximumReceiveSize);
}

export function decodeInitiateRequest(r: Reader, into: Initiate): void {
	const at = r.position;
	if (r.u8() !== initiateRequestTag) throw new CodecError("value", at);
	into.dedicatedKey = undefined;
	if (readPresence(r)) {
		const length = decodeLength(r);
		if (length > longestKey) throw new CodecError("length", r.position);
		into.dedicatedKey = r.octets(length);
	}
	into.isResponseAllowed = readPresence(r) ? r.u8() !== 0 : true;
	into.qualityOfService = readPresence(r) ? r.i8() : -1;
	into.dlmsVersion = r.u8();
	into.conformance = readConformance(r);
	into.maximumReceiveSize = r.u16();
	r.expectEnd();
}

export function encodeInitiateResponse(w: Writer, response: Initiate): void {
	w.u8(initiateResponseTag);
	writeQualityOfService(w, response.qualityOfService);
	w.u8(response.dlmsVersion);
	writeConformance(w, response.conformance);
	w.u16(response.maximumReceiveSize);
	w.u16(vaaNameLogicalNames);
}

export function decodeInitiateResponse(r: Reader, into: Initiate): void {
	const at = r.position;
	if (r.u8() !== initiateResponseTag) throw new CodecError("value", at);
	into.qualityOfService = readPresence(r) ? r.i8() : -1;
	into.dlmsVersion = r.u8();
	into.conformance = readConformance(r);
	into.maximumReceiveSize = r.u16();
	if (r.u16() !== vaaNameLogicalNames) throw new CodecError("value", r.position - 2);
	r.expectEnd();
}

/** ConfirmedServiceError of the Initiate service. `error`: 1 DLMS version, 2 conformance, 3 PDU size. */
export function encodeInitiateError(w: Writer, error: number): void {
	w.u8(confirmedServiceErrorTag);
	w.u8(1); // initiateError
	w.u8(6); // initiate
	w.u8(error);
}

export function decodeInitiateError(r: Reader): number {
	const at = r.position;
	if (r.u8() !== confirmedServiceErrorTag || r.u8() !== 1 || r.u8() !== 6) throw new CodecError("value", at);
	return r.u8();
}

function writeQualityOfService(w: Writer, value: number): void {
	w.u8(value < 0 ? 0 : 1);
	if (value >= 0) w.i8(value);
}

function readPresence(r: Reader): boolean {
	const at = r.position;
	const flag = r.u8();
	if (flag > 1) throw new CodecError("value", at);
	return flag === 1;
}

function writeConformance(w: Writer, conformance: number): void {
	w.u32(conformanceHeader);
	w.u8(conformance >>> 16);
	w.u16(conformance & 0xffff);
}

function readConformance(r: Reader): number {
	const at = r.position;
	if (r.u32() !== conformanceHeader) throw new CodecError("value", at);
	return r.u8() * 0x1_0000 + r.u16();
}
