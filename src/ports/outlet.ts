// SPDX-License-Identifier: Apache-2.0

/** Told what became of a message. Never called from within `send`. */
export interface OutletListener {
	/** @param number as given to `send`; true: the lower layer has taken the message to its destination */
	messageSent(number: number, isDelivered: boolean): void;
}

export const transport = Object.freeze({ tcp: 0, udp: 1 });

/** One APDU on its way from the meter to somebody it is not connected with. */
export interface OutgoingMessage {
	/** Chosen by the sender, for the listener. */
	readonly number: number;
	/** One of `transport`. */
	readonly transport: number;
	/** "host:port". */
	readonly destination: string;
	/** SAPs of the meter's logical device and of the receiver. */
	readonly sourceSap: number;
	readonly destinationSap: number;
	/** The host copies or sends it during the call. */
	readonly apdu: Uint8Array;
}

/** The IP link as the meter uses it by itself. */
export interface Outlet {
	/** IPv4 address of the meter, 0 while it has none. */
	readonly address: number;
	send(message: OutgoingMessage, listener: OutletListener): void;
	/**
	 * The meter is to be reached on this TCP and UDP port from now on: told at its start, and whenever a client has changed it;
	 * what is connected stays so. Never waited for: the answer to the change has to go out first.
	 */
	listen?(port: number): void;
}
