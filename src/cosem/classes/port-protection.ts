// SPDX-License-Identifier: Apache-2.0
import { localInterfaceEvent } from "../../events/event-codes.js";
import { eventLog } from "../../events/event-sink.js";
import type { PortKind } from "../apdu-handler.js";
import {
	decodeDoubleLongUnsigned,
	decodeEnum,
	decodeInteger,
	decodeLongUnsigned,
	decodeUnsigned,
	encodeDoubleLongUnsigned,
	encodeEnum,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeUnsigned,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import { type AttributeDefinition, type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";
import { portField, protectionMode } from "../security/port-protection.js";

export interface PortProtectionSpec {
	readonly port: PortKind;
	/** Logical name of the setup object of the port. */
	readonly reference: string;
	/** Closing and opening it are events of a local interface. */
	readonly isLocal: boolean;
}

type Field = (typeof portField)[keyof typeof portField];

/** @param mayBe what a value must fulfil beyond its range */
function parameter(
	id: number,
	name: string,
	field: Field,
	encode: (w: Writer, value: number) => void,
	decode: (r: Reader) => number,
	mayBe?: (value: number, call: Call, spec: PortProtectionSpec) => boolean,
): AttributeDefinition<PortProtectionSpec> {
	return {
		id,
		name,
		encode: (w, { application }, { port }) => encode(w, application.portProtection.get(port, field)),
		set(r, call, spec) {
			const value = decode(r);
			if (mayBe?.(value, call, spec) === false) return dataAccessResult.otherReason;
			const { portProtection, events } = call.application;
			const wasClosed = portProtection.isClosed(spec.port);
			if (!portProtection.change(spec.port, field, value)) return dataAccessResult.otherReason;
			const isClosed = portProtection.isClosed(spec.port);
			if (isClosed !== wasClosed && spec.isLocal) {
				events.event(eventLog.fraud, isClosed ? localInterfaceEvent.deactivated : localInterfaceEvent.reactivated);
			}
			call.application.protectedParameterChanged();
			return dataAccessResult.success;
		},
	};
}

/** Communication port protection, class_id 124, version 0 (Blue Book 4.4.12). */
export const portProtection = defineClass<PortProtectionSpec>({
	classId: 124,
	version: 0,
	attributes: [
		parameter(2, "protectionMode", portField.mode, encodeEnum, decodeEnum, (mode, { association }, { port }) => {
			// whoever closes a port must have another one to open it again
			const isOwn = association.port === port;
			return mode !== protectionMode.locked || !isOwn;
		}),
		parameter(3, "allowedFailedAttempts", portField.allowedFailedAttempts, encodeLongUnsigned, decodeLongUnsigned),
		parameter(4, "initialLockoutTime", portField.initialLockout_s, encodeDoubleLongUnsigned, decodeDoubleLongUnsigned),
		parameter(5, "steepnessFactor", portField.steepness, encodeUnsigned, decodeUnsigned),
		parameter(6, "maxLockoutTime", portField.longestLockout_s, encodeDoubleLongUnsigned, decodeDoubleLongUnsigned),
		{
			id: 7,
			name: "portReference",
			encode: (w, _call, spec) => encodeLogicalName(w, parseLogicalName(spec.reference)),
		},
		{
			id: 8,
			name: "protectionStatus",
			encode: (w, { application }, { port }) =>
				encodeEnum(w, application.portProtection.status(port, application.now_ms())),
		},
		{
			id: 9,
			name: "failedAttempts",
			encode: (w, { application }, { port }) =>
				encodeDoubleLongUnsigned(w, application.portProtection.failedAttempts(port)),
		},
		{
			id: 10,
			name: "cumulativeFailedAttempts",
			encode: (w, { application }, { port }) =>
				encodeDoubleLongUnsigned(w, application.portProtection.totalFailedAttempts(port)),
		},
	],
	methods: [
		{
			id: 1,
			name: "reset",
			invoke(r, _w, { application }, { port }) {
				decodeInteger(r);
				application.portProtection.reset(port);
				return dataAccessResult.success;
			},
		},
	],
});
