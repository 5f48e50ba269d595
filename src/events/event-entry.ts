// SPDX-License-Identifier: Apache-2.0
import type { EventContext } from "./event-sink.js";

/** Longest value of 0-0:96.50.32. */
export const maximumContextLength = 11;
const clientLength = 2;

/** What is to be said about one event, on its way into a log. Reused. */
export class EventEntry {
	code = 0;
	utc_s = 0;
	/** Clock status octet of the time stamp. */
	clockStatus = 0;
	/**
	 * The value of 0-0:96.50.32: port, client SAP, and if an object is concerned class (2 octets), logical name (6), attribute
	 * or method.
	 */
	readonly context = new Uint8Array(maximumContextLength);
	contextLength = 0;

	setContext(given: EventContext | undefined): void {
		this.contextLength = 0;
		if (given === undefined || given.port === 0) return;
		const { context } = this;
		context[0] = given.port;
		context[1] = given.clientSap;
		this.contextLength = clientLength;
		const classId = given.classId ?? 0;
		if (classId === 0) return;
		const logicalName = given.logicalName ?? 0;
		const high = Math.floor(logicalName / 2 ** 32);
		context[2] = classId >> 8;
		context[3] = classId;
		context[4] = high >> 8;
		context[5] = high;
		context[6] = logicalName >> 24;
		context[7] = logicalName >> 16;
		context[8] = logicalName >> 8;
		context[9] = logicalName;
		context[10] = given.index ?? 0;
		this.contextLength = maximumContextLength;
	}
}
