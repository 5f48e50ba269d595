// SPDX-License-Identifier: Apache-2.0
/**
 * Conditions of the meter that begin and end. A bit of the error object stays as long as its condition lasts, and so do
 * the alarm bits that mirror one.
 */
export const condition = Object.freeze({
	clockInvalid: 0,
	batteryEmpty: 1,
	measurementFault: 2,
	terminalCoverOpen: 3,
	magneticField: 4,
	meterCoverOpen: 5,
	moduleCoverOpen: 6,
	batteryLow: 7,
	/** + M-Bus channel - 1 */
	mbusSilent: 8,
});

/** Kind of an event: everything that is fixed about it. */
export interface EventDefinition {
	readonly code: number;
	readonly name: string;
	/** Each log that takes it, `eventLog`; the first one is where it is reported by custom. */
	readonly logs: readonly number[];
	/** Alarm bit, counted through the three registers (`alarmBit`); -1 = none. */
	readonly alarm: number;
	/** Bit of the error object; -1 = none. */
	readonly error: number;
	/** One of `condition` that begins or ends with it; -1 = none. */
	readonly begins: number;
	readonly ends: number;
}

/** Number of bit `bit` of alarm register `register` (1..3) among the 96. */
export function alarmBit(register: number, bit: number): number {
	return (register - 1) * 32 + bit;
}

/** Written for an event that its log does not know. */
export const unlistedEvent = 253;
/** First entry of a log that was cleared. */
export const logCleared = 255;
export const profileCleared = 254;

/** Codes that several parts of the meter report; the log is the standard one. */
export const standardEvent = Object.freeze({
	powerDown: 1,
	powerUp: 2,
	daylightSaving: 3,
	clockAdjustedFrom: 4,
	clockAdjustedTo: 5,
	clockInvalid: 6,
	replaceBattery: 7,
	batteryLow: 8,
	calendarActivated: 9,
	errorRegisterCleared: 10,
	alarmRegisterCleared: 11,
	memoryError: 14,
	measurementError: 16,
	calendarProgrammed: 19,
	billingEnded: 21,
	parameterChanged: 47,
	tariffSchemeChanged: 56,
	testModeBegins: 57,
	testModeEnds: 58,
	demandReset: 234,
	registrationChanged: 235,
	certificationNearlyFull: 236,
	sealOpened: 237,
	sealClosed: 238,
	relayCalendarActivated: 97,
	relayCalendarProgrammed: 98,
	consumerMessage: 99,
	tariffOverride: 230,
	tariffRefused: 231,
	buttonStuck: 232,
});

/** Codes of the disconnector log that its calendar reports. */
export const disconnectorCalendarEvent = Object.freeze({ activated: 95, programmed: 96 });

/** Codes of the fraud log: a port is closed to everybody, and opened again. */
export const localInterfaceEvent = Object.freeze({ deactivated: 54, reactivated: 55 });

/** Codes of the session log. */
export const sessionEvent = Object.freeze({ remoteBegin: 26, remoteEnd: 27, localBegin: 28, localEnd: 29 });
