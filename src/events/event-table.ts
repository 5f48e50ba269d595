// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";
import {
	alarmBit,
	condition,
	type EventDefinition,
	localInterfaceEvent,
	logCleared,
	profileCleared,
	sessionEvent,
	unlistedEvent,
} from "./event-codes.js";
import { eventLog } from "./event-sink.js";

interface Extra {
	readonly alarm?: number;
	readonly error?: number;
	readonly begins?: number;
	readonly ends?: number;
	/** Further logs. */
	readonly also?: readonly number[];
}

/** Error bits are those of alarm register 1 up to bit 19, without the M-Bus bits above. */
const highestCommonBit = 19;

function define(log: number, code: number, name: string, extra: Extra = {}): EventDefinition {
	const alarm = extra.alarm ?? -1;
	return {
		code,
		name,
		logs: [log, ...(extra.also ?? [])],
		alarm,
		error: extra.error ?? (alarm <= highestCommonBit ? alarm : -1),
		begins: extra.begins ?? -1,
		ends: extra.ends ?? -1,
	};
}

const { standard, fraud, disconnector, mbus, powerQuality, communication, session, security, configuration } = eventLog;

const fraudAttempt = alarmBit(1, 13);
const fraudEnded = alarmBit(3, 14);

function phases(first: number, name: string, alarm = -1): EventDefinition[] {
	return [1, 2, 3].map((phase, n) =>
		define(powerQuality, first + n, `${name} L${phase}`, alarm < 0 ? {} : { alarm: alarm + n }),
	);
}

const standardEvents: readonly EventDefinition[] = [
	define(standard, 1, "power down", { alarm: alarmBit(2, 0) }),
	define(standard, 2, "power up", { alarm: alarmBit(2, 1) }),
	define(standard, 3, "daylight saving time enabled or disabled"),
	define(standard, 4, "clock adjusted, old date and time", { also: [configuration] }),
	define(standard, 5, "clock adjusted, new date and time", { also: [configuration] }),
	define(standard, 6, "clock invalid", { alarm: alarmBit(1, 0), begins: condition.clockInvalid }),
	define(standard, 7, "replace battery", { alarm: alarmBit(1, 1), begins: condition.batteryEmpty }),
	define(standard, 8, "battery voltage low", { error: 2, begins: condition.batteryLow }),
	define(standard, 9, "TOU activated"),
	define(standard, 10, "error register cleared"),
	define(standard, 11, "alarm register cleared"),
	define(standard, 12, "program memory error", { alarm: alarmBit(1, 8) }),
	define(standard, 13, "RAM error", { alarm: alarmBit(1, 9) }),
	define(standard, 14, "NV memory error", { alarm: alarmBit(1, 10) }),
	define(standard, 15, "watchdog error", { alarm: alarmBit(1, 12) }),
	define(standard, 16, "measurement system error", {
		alarm: alarmBit(1, 11),
		begins: condition.measurementFault,
	}),
	define(standard, 17, "firmware ready for activation", { also: [security, configuration] }),
	define(standard, 18, "firmware activated", { also: [security, configuration] }),
	define(standard, 19, "passive TOU programmed"),
	define(standard, 20, "external alert detected", { alarm: alarmBit(2, 17) }),
	define(standard, 21, "end of non-periodic billing interval"),
	define(standard, 22, "capturing of load profile 1 enabled"),
	define(standard, 23, "capturing of load profile 1 disabled"),
	define(standard, 24, "capturing of load profile 2 enabled"),
	define(standard, 25, "capturing of load profile 2 disabled"),
	define(standard, 30, "firmware upgrade initiated", { also: [configuration] }),
	define(standard, 31, "firmware upgrade finished", { also: [configuration] }),
	define(standard, 32, "firmware upgrade failed", { also: [configuration] }),
	define(standard, 47, "one or more parameters changed", { also: [configuration] }),
	define(standard, 48, "global key(s) changed", { alarm: alarmBit(2, 13), also: [security] }),
	define(standard, 51, "firmware verification failed", { also: [security, configuration] }),
	define(standard, 52, "unexpected consumption", { alarm: alarmBit(2, 12) }),
	define(standard, 56, "tariffication scheme changed"),
	define(standard, 57, "certification mode started"),
	define(standard, 58, "certification mode ended"),
	define(standard, 88, "phase sequence reversal", { alarm: alarmBit(2, 11) }),
	define(standard, 89, "missing neutral", { alarm: alarmBit(2, 8), also: [fraud] }),
	define(standard, 97, "load management calendar activated"),
	define(standard, 98, "load management calendar programmed"),
	define(standard, 99, "consumer message updated"),
	define(standard, 230, "tariff override started or ended"),
	define(standard, 231, "tariff script or calendar refused", { error: 3 }),
	define(standard, 232, "button stuck"),
	define(standard, 234, "maximum demand reset"),
	define(standard, 237, "verification seal opened"),
	define(standard, 238, "verification seal closed"),
	define(standard, 235, "registration side or ratio changed"),
	define(standard, 236, "certification log nearly full"),
	define(standard, 239, "backup supply exhausted during no-power reading"),
	define(standard, 240, "current above the maximum"),
	define(standard, 241, "current below the maximum again"),
	define(standard, 243, "token accepted"),
	define(standard, 244, "token rejected"),
	define(standard, 245, "credit low", { alarm: alarmBit(3, 16) }),
	define(standard, 246, "credit exhausted", { alarm: alarmBit(3, 17) }),
	define(standard, 247, "emergency credit invoked"),
	define(standard, profileCleared, "load profile cleared"),
];

const fraudEvents: readonly EventDefinition[] = [
	define(fraud, 40, "terminal cover removed", { alarm: fraudAttempt, begins: condition.terminalCoverOpen }),
	define(fraud, 41, "terminal cover closed", { alarm: fraudEnded, ends: condition.terminalCoverOpen }),
	define(fraud, 42, "strong magnetic field detected", { alarm: fraudAttempt, begins: condition.magneticField }),
	define(fraud, 43, "strong magnetic field gone", { alarm: fraudEnded, ends: condition.magneticField }),
	define(fraud, 44, "meter cover removed", { alarm: fraudAttempt, begins: condition.meterCoverOpen }),
	define(fraud, 45, "meter cover closed", { alarm: fraudEnded, ends: condition.meterCoverOpen }),
	define(fraud, 46, "association authentication failure", { alarm: fraudAttempt, also: [security] }),
	define(fraud, 49, "decryption or authentication failure", { alarm: fraudAttempt, also: [security] }),
	define(fraud, 50, "replay attack", { alarm: fraudAttempt, also: [security] }),
	define(fraud, 53, "local communication attempt", { alarm: alarmBit(2, 18) }),
	define(fraud, localInterfaceEvent.deactivated, "local interface deactivated"),
	define(fraud, localInterfaceEvent.reactivated, "local interface reactivated"),
	define(fraud, 91, "current reversal", { alarm: alarmBit(2, 10) }),
	define(fraud, 230, "strong EMF detected", { alarm: alarmBit(3, 18) }),
	define(fraud, 231, "strong EMF gone", { alarm: fraudEnded }),
	define(fraud, 232, "neutral restored", { alarm: fraudEnded }),
	define(fraud, 233, "disconnection executed because of fraud"),
	define(fraud, 234, "tamper supervision was lost while unpowered"),
	define(fraud, 235, "current without voltage detected", { alarm: fraudAttempt }),
	define(fraud, 236, "current without voltage gone", { alarm: fraudEnded }),
	define(fraud, 237, "current reversal ended", { alarm: fraudEnded }),
	define(fraud, 244, "module cover opened", { alarm: fraudAttempt, begins: condition.moduleCoverOpen }),
	define(fraud, 245, "module cover closed", { ends: condition.moduleCoverOpen }),
];

const disconnectorEvents: readonly EventDefinition[] = [
	define(disconnector, 59, "disconnector ready for manual reconnection"),
	define(disconnector, 60, "manual disconnection"),
	define(disconnector, 61, "manual connection"),
	define(disconnector, 62, "remote disconnection"),
	define(disconnector, 63, "remote connection"),
	// who has given the command
	define(configuration, 62, "remote disconnection commanded"),
	define(configuration, 63, "remote connection commanded"),
	define(disconnector, 64, "local disconnection"),
	define(disconnector, 65, "limiter threshold exceeded", { alarm: alarmBit(3, 19) }),
	define(disconnector, 66, "limiter threshold ok"),
	define(disconnector, 67, "limiter threshold changed"),
	define(disconnector, 68, "disconnect or reconnect failure", { alarm: alarmBit(2, 31) }),
	define(disconnector, 69, "local reconnection"),
	...[1, 2, 3].flatMap((monitor, n) => [
		define(disconnector, 70 + 2 * n, `supervision monitor ${monitor} exceeded`),
		define(disconnector, 71 + 2 * n, `supervision monitor ${monitor} ok`),
	]),
	define(disconnector, 95, "disconnector calendar activated"),
	define(disconnector, 96, "disconnector calendar programmed"),
	...[1, 2, 3].flatMap((relay, n) => [
		define(configuration, 224 + n, `remote disconnection of relay ${relay} commanded`),
		define(configuration, 227 + n, `remote reconnection of relay ${relay} commanded`),
		define(disconnector, 224 + n, `remote disconnection of relay ${relay}`),
		define(disconnector, 227 + n, `remote reconnection of relay ${relay}`),
		define(disconnector, 230 + n, `local disconnection of relay ${relay}`),
		define(disconnector, 233 + n, `local reconnection of relay ${relay}`),
		define(disconnector, 244 + n, `relay ${relay} does not follow`),
	]),
	define(disconnector, 237, "emergency profile started", { alarm: alarmBit(3, 20) }),
	define(disconnector, 238, "emergency profile ended"),
	define(disconnector, 240, "disconnected by credit"),
	define(disconnector, 241, "reconnected by credit"),
	define(disconnector, 242, "reconnection locked out"),
	define(disconnector, 243, "switch at its rated number of operations"),
];

/** Codes of channel 1; those of the next channels are 10 or 1 higher. */
const mbusEvents: readonly EventDefinition[] = [
	...[1, 2, 3, 4].flatMap((channel, n) => [
		define(mbus, 100 + 10 * n, `communication error, channel ${channel}`, {
			alarm: alarmBit(1, 16 + n),
			begins: condition.mbusSilent + n,
		}),
		define(mbus, 101 + 10 * n, `communication ok, channel ${channel}`, { ends: condition.mbusSilent + n }),
		define(mbus, 102 + 10 * n, `replace battery, channel ${channel}`, { alarm: alarmBit(1, 28 + n) }),
		define(mbus, 103 + 10 * n, `fraud attempt, channel ${channel}`, { alarm: alarmBit(1, 20 + n) }),
		define(mbus, 104 + 10 * n, `clock adjusted, channel ${channel}`),
		define(mbus, 105 + 10 * n, `new device installed, channel ${channel}`, { alarm: alarmBit(2, 19 + n) }),
		define(mbus, 106 + 10 * n, `permanent error, channel ${channel}`, { alarm: alarmBit(1, 24 + n) }),
		define(mbus, 107 + 10 * n, `dead battery, channel ${channel}`),
		define(mbus, 208 + n, `device uninstalled, channel ${channel}`, { alarm: alarmBit(3, 4 + n) }),
		define(mbus, 214 + n, `high frame counter, channel ${channel}`),
		define(mbus, 220 + n, `temporary error, channel ${channel}`, { alarm: alarmBit(3, 10 + n) }),
		define(mbus, 246 + n, `key changed, channel ${channel}`, { also: [security] }),
	]),
	define(mbus, profileCleared, "M-Bus load profile cleared"),
];

const powerQualityEvents: readonly EventDefinition[] = [
	...phases(76, "undervoltage"),
	...phases(79, "overvoltage"),
	...phases(82, "missing voltage", alarmBit(2, 2)),
	...phases(85, "normal voltage", alarmBit(2, 5)),
	define(powerQuality, 90, "phase asymmetry", { alarm: alarmBit(2, 9) }),
	...phases(92, "bad voltage quality", alarmBit(2, 14)),
	...phases(230, "voltage THD over limit"),
	...phases(233, "voltage THD normal"),
	...phases(236, "current THD over limit"),
	...phases(239, "current THD normal"),
	define(powerQuality, 242, "frequency out of range"),
	define(powerQuality, 243, "frequency back in range"),
];

const communicationEvents: readonly EventDefinition[] = [
	define(communication, 140, "no connection timeout"),
	define(communication, 141, "modem initialisation failure", { error: 14 }),
	define(communication, 142, "SIM card failure"),
	define(communication, 143, "SIM card ok"),
	define(communication, 144, "GSM registration failure"),
	define(communication, 145, "GPRS registration failure"),
	define(communication, 146, "PDP context established"),
	define(communication, 147, "PDP context destroyed"),
	define(communication, 148, "PDP context failure"),
	define(communication, 149, "modem software reset"),
	define(communication, 150, "modem hardware reset"),
	define(communication, 151, "GSM outgoing connection"),
	define(communication, 152, "GSM incoming connection"),
	define(communication, 153, "GSM hang-up"),
	define(communication, 154, "diagnostic failure"),
	define(communication, 155, "user initialisation failure"),
	define(communication, 156, "signal quality low"),
	define(communication, 157, "auto-answer number of calls exceeded"),
	define(communication, 158, "local communication attempt"),
	define(session, sessionEvent.remoteBegin, "communication started on remote interface"),
	define(session, sessionEvent.remoteEnd, "communication ended on remote interface"),
	define(session, sessionEvent.localBegin, "communication started on local interface"),
	define(session, sessionEvent.localEnd, "communication ended on local interface"),
	define(security, 236, "certificate almost expired", { alarm: alarmBit(3, 15) }),
	define(security, 237, "certificate imported"),
	define(security, 238, "certificate removed"),
	define(security, 239, "key pair generated"),
	define(security, 240, "security policy or suite changed"),
	define(security, 241, "invocation counter near its end or used up"),
	define(security, 242, "access refused for lack of right"),
	define(security, 243, "received counter jumped"),
	define(security, 250, "decryption or authentication successful again"),
];

const everyLog: readonly number[] = Object.values(eventLog);

/** Every event, in the order of the logs (IDIS numbers; 208 and above are the makers' own). */
export const eventDefinitions: readonly EventDefinition[] = deepFreeze([
	...standardEvents,
	...fraudEvents,
	...disconnectorEvents,
	...mbusEvents,
	...powerQualityEvents,
	...communicationEvents,
	...everyLog.map((log) => define(log, unlistedEvent, "event without a code of its own")),
	...everyLog.map((log) => define(log, logCleared, "event log cleared")),
]);

const byLogAndCode: ReadonlyMap<number, EventDefinition> = new Map(
	eventDefinitions.flatMap((definition) => definition.logs.map((log) => [log * 256 + definition.code, definition])),
);

/** The event of this code in this log; undefined when the log does not know it. */
export function findEvent(log: number, code: number): EventDefinition | undefined {
	return byLogAndCode.get(log * 256 + code);
}

/** M-Bus channel 1..4 that an event of the M-Bus log is about; 0 when its code does not tell. */
export function mbusChannelOf(code: number): number {
	if (code >= 100 && code < 140) return Math.floor((code - 90) / 10);
	for (const first of [208, 214, 220, 246]) if (code >= first && code < first + 4) return code - first + 1;
	return 0;
}

/** The event that begins each `condition`. */
export const conditionBeginnings: readonly EventDefinition[] = Object.freeze(
	Array.from({ length: condition.mbusSilent + 4 }, (_, n) => eventDefinitions.find(({ begins }) => begins === n)!),
);
