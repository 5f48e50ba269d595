// SPDX-License-Identifier: Apache-2.0
import { type AssociationResponse, decodeConfirmedServiceError, type ServiceErrorInfo } from "./acse.js";
import { ByteReader, toHex } from "./bytes.js";

export const stateError = Object.freeze({ serviceNotAllowed: 1, serviceUnknown: 2 });

export const serviceError = Object.freeze({
	operationNotPossible: 1,
	serviceNotSupported: 2,
	otherReason: 3,
	pduTooLong: 4,
	decipheringError: 5,
	invocationCounterError: 6,
});

/** The meter answered with an exception-response. */
export class ExceptionResponseError extends Error {
	override readonly name = "ExceptionResponseError";
	readonly stateError: number;
	readonly serviceError: number;
	/** The counter the meter wants, with an invocation counter error. */
	readonly expectedCounter: number | undefined;

	constructor(state: number, service: number, expectedCounter: number | undefined) {
		super(`exception-response ${state}/${service}`);
		this.stateError = state;
		this.serviceError = service;
		this.expectedCounter = expectedCounter;
	}
}

/** The meter answered with a confirmed service error. */
export class ConfirmedServiceErrorError extends Error {
	override readonly name = "ConfirmedServiceErrorError";
	readonly info: ServiceErrorInfo;

	constructor(info: ServiceErrorInfo) {
		super(`confirmed service error ${info.service} ${info.group} ${info.error}`);
		this.info = info;
	}
}

/** The association was refused, or the meter could not prove who it is. */
export class AssociationRefusedError extends Error {
	override readonly name = "AssociationRefusedError";
	readonly response: AssociationResponse;
	/** Reason of the xDLMS part, when the response carried one. */
	readonly info: ServiceErrorInfo | undefined;

	constructor(response: AssociationResponse) {
		super(`association refused: result ${response.result}, diagnostic ${response.diagnostic}`);
		this.response = response;
		const information = response.userInformation;
		this.info = information?.[0] === 0x0e ? decodeConfirmedServiceError(information) : undefined;
	}
}

/** A request was understood and refused with a data-access or action result. */
export class RefusedError extends Error {
	override readonly name = "RefusedError";
	readonly result: number;

	constructor(what: string, result: number) {
		super(`${what}: result ${result}`);
		this.result = result;
	}
}

/** The meter does not keep to the protocol. */
export class ProtocolError extends Error {
	override readonly name = "ProtocolError";

	constructor(message: string, apdu: Uint8Array) {
		super(`${message}: ${toHex(apdu)}`);
	}
}

const exceptionTag = 0xd8;
const confirmedServiceErrorTag = 0x0e;

/** @throws ExceptionResponseError, ConfirmedServiceErrorError when the answer is one of them */
export function throwIfError(apdu: Uint8Array): void {
	if (apdu[0] === confirmedServiceErrorTag) throw new ConfirmedServiceErrorError(decodeConfirmedServiceError(apdu));
	if (apdu[0] !== exceptionTag) return;
	const r = new ByteReader(apdu);
	r.unsigned(1);
	const state = r.unsigned(1);
	const service = r.unsigned(1);
	const expectedCounter = service === serviceError.invocationCounterError ? r.unsigned(4) : undefined;
	r.expectEnd();
	throw new ExceptionResponseError(state, service, expectedCounter);
}
