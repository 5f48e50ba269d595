// SPDX-License-Identifier: Apache-2.0
import type { HdlcOptions } from "../cosem/hdlc/hdlc-session.js";
import type { HdlcSetup } from "../cosem/hdlc/hdlc-setup.js";
import type { ReadoutSupplier } from "./data-readout.js";
import type { LocalPortSetup } from "./local-port-setup.js";

export interface OpticalTimings {
	/** Reaction time of the device when response_time is 0, and when it is 1. */
	readonly fastReaction_ms: number;
	readonly reaction_ms: number;
	/** Wait for the acknowledgement after the identification. */
	readonly acknowledgement_ms: number;
	/** Longest pause between two characters of a message, and before a readout may be asked for again. */
	readonly gap_ms: number;
}

/** IEC 62056-21; the wait for the acknowledgement is ours. */
export const opticalTimings: OpticalTimings = Object.freeze({
	fastReaction_ms: 20,
	reaction_ms: 200,
	acknowledgement_ms: 2000,
	gap_ms: 1500,
});

/** A line with a rate. The port takes care of parity, and changes over when the octets sent before have left. */
export interface SerialLine {
	setFormat(baud: number, format: "7E1" | "8N1"): void;
}

export interface OpticalPortOptions {
	readonly setup: LocalPortSetup;
	readonly hdlcSetup: HdlcSetup;
	readonly hdlc: Omit<HdlcOptions, "onDisconnected">;
	/** FLAG identification, three capital letters. */
	readonly manufacturer: string;
	/** At most 16 printable characters without `/` and `!`. */
	readonly identification: string;
	/** ASCII digits; the address while the setup has none. */
	readonly serialNumber: Uint8Array;
	/** Without it there is no data readout. */
	readonly readout?: ReadoutSupplier;
	readonly timings?: OpticalTimings;
	/** Absent where the rate of the line cannot be seen (a byte stream): sending then takes no time. */
	readonly line?: SerialLine;
	/**
	 * Octets of a stream come at once. With this the port reacts as late as on a line, where they would have taken time: a
	 * client that opens its port anew for the other rate loses no answer then.
	 */
	readonly countsReception?: boolean;
	/** Mode E: the confirmation leaves at the opening rate instead of the agreed one. */
	readonly confirmsAtOpeningRate?: boolean;
}
