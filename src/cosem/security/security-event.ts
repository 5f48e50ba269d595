// SPDX-License-Identifier: Apache-2.0

/** What the security functions have to tell the event logs; the numbers are those of the event code list. */
export const securityEvent = Object.freeze({
	/** The n-th association failure in a row: the client is locked out for a while. */
	associationFailure: 46,
	keysChanged: 48,
	/** The n-th deciphering or authentication failure of an APDU in a row. */
	decipheringFailure: 49,
	/** An invocation counter that is not greater than the last one. */
	replay: 50,
	/** On a local port, by a client that is locked out there. */
	localAttempt: 53,
	/** A certificate that is in use ends within 30 days. */
	certificateExpiring: 236,
	certificateImported: 237,
	certificateRemoved: 238,
	keyPairGenerated: 239,
	/** Policy or suite. */
	policyChanged: 240,
	/** An invocation counter has come near its end, or reached it: its key is unusable then until it is changed. */
	counterUsedUp: 241,
	accessRefused: 242,
	/** A received counter jumped by more than 2^20. */
	counterJumped: 243,
	/** Deciphering works again after event 49. */
	decipheredAgain: 250,
});

/** Takes them to the listener. */
export interface SecurityReporter {
	/** Parameters as of `SecurityListener.securityEvent`. */
	report(event: number, setup: number): void;
}

export interface SecurityListener {
	/** @param setup number of the security setup concerned, 0 when there is none */
	securityEvent(event: number, setup: number): void;
}
