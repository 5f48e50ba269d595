// SPDX-License-Identifier: Apache-2.0
import type { Writer } from "./writer.js";

export const exceptionResponseTag = 0xd8;

export const stateError = Object.freeze({ serviceNotAllowed: 1, serviceUnknown: 2 });

export const serviceError = Object.freeze({
	operationNotPossible: 1,
	serviceNotSupported: 2,
	otherReason: 3,
	pduTooLong: 4,
	decipheringError: 5,
	invocationCounterError: 6,
});

/** Exception-response. @param expectedCounter for an invocation counter error: the lowest counter that would be taken */
export function encodeException(w: Writer, state: number, service: number, expectedCounter = 0): void {
	w.u8(exceptionResponseTag);
	w.u8(state);
	w.u8(service);
	if (service === serviceError.invocationCounterError) w.u32(expectedCounter);
}

/** Answers that the service is not allowed. @returns true: there is an answer */
export function except(w: Writer, error: number, expectedCounter = 0): true {
	encodeException(w, stateError.serviceNotAllowed, error, expectedCounter);
	return true;
}
