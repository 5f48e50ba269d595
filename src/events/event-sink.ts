// SPDX-License-Identifier: Apache-2.0

/** Event logs by the value group E of their profile 0-0:99.98.E (IDIS numbering up to 5). */
export const eventLog = Object.freeze({
	standard: 0,
	fraud: 1,
	disconnector: 2,
	mbus: 3,
	powerQuality: 4,
	communication: 5,
	session: 6,
	security: 7,
	configuration: 8,
});

/** Where an event came from, for logs that keep it: a client on a port, and the object concerned. */
export interface EventContext {
	/** 1 TCP, 2 optical, 3 RS485-1, 4 RS485-2. */
	readonly port: number;
	readonly clientSap: number;
	/** Class, logical name and attribute or method, if an object is concerned. */
	readonly classId?: number;
	readonly logicalName?: number;
	readonly index?: number;
}

/** Takes the events of all parts of the meter. An event is durable when the call returns, or lost with a counted failure. */
export interface EventSink {
	/**
	 * An event that belongs to several logs is reported once, under any of them. Without `context` it is that of the client
	 * which is being served, if there is one.
	 * @param log one of `eventLog`
	 * @param code event code of that log, 1..255
	 */
	event(log: number, code: number, context?: EventContext): void;
	/** The same with a time stamp other than now: the old time of a clock that was set. */
	eventAt(log: number, code: number, utc_s: number, context?: EventContext): void;
}
