// SPDX-License-Identifier: Apache-2.0

/** Keys that hold for one association. Most have none: their client uses those of its security setup. */
export class SessionKeys {
	dedicatedKey: Uint8Array | undefined;
	/** Last counter accepted under the dedicated key. */
	dedicatedReceived = -1;
	/** The client's signature key out of the certificate that came with its AARQ. */
	clientKey: Uint8Array | undefined;
	/** Kind and key of the general-ciphering APDU that told one last: APDUs without key-info go on with it. */
	messageKey: readonly [number, Uint8Array] | undefined;
	/** Last counter accepted under that key. */
	messageReceived = -1;

	forgetMessageKey(): void {
		this.messageKey?.[1].fill(0);
		this.messageKey = undefined;
		this.messageReceived = -1;
	}

	/** Overwrites what is secret. */
	forget(): void {
		this.dedicatedKey?.fill(0);
		this.dedicatedKey = undefined;
		this.forgetMessageKey();
	}
}
