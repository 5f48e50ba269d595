// SPDX-License-Identifier: Apache-2.0
import { DateTime, notSpecified } from "../../clock/date-time.js";
import { transport } from "../../ports/outlet.js";
import { pushClass } from "../class-ids.js";
import {
	decodeArray,
	decodeDoubleLongUnsigned,
	decodeEnum,
	decodeInteger,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeOctetString,
	decodeStructure,
	decodeUnsigned,
	encodeOctetString,
} from "../codec/axdr.js";
import { decodeDateTime, encodeDateTime } from "../codec/date-time.js";
import type { Reader } from "../codec/reader.js";
import { parseLogicalName } from "../logical-name.js";
import { type AttributeDefinition, type Call, defineClass } from "../model.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { noMomentOctets } from "../push/no-moment.js";
import { clientWithKeys, receiverOf } from "../push/notification.js";
import { longestConfirmation_s } from "../push/push.js";
import { decodePushObject, maximumPushObjects, mayPush } from "../push/push-object.js";
import { decodePushProtection } from "../push/push-protection.js";
import { dataAccessResult } from "../result.js";
import { isAny, keptAttribute } from "./kept-attribute.js";

export interface PushSetupSpec {
	/** Value group B. */
	readonly push: number;
}

const longestDestination = 128;
const maximumWindows = 8;
const ipPort = parseLogicalName("0-0:25.0.0.255");
/** Unconfirmed, tried again when the lower layer fails, or has not confirmed; tried again when the receiver has not confirmed. */
const highestOperationMethod = 2;

const isObjectList = inPieces(function* (r: Reader, call: Call): Pieces<boolean> {
	const count = decodeArray(r);
	if (count > maximumPushObjects) return false;
	for (let n = 0; n < count; n++) {
		const element = decodePushObject(r);
		if (element === undefined || !mayPush(element, call)) return false;
		yield pause.whenSpent;
	}
	return true;
});

/** "host:port" in visible ASCII; empty = nobody is told. */
function isDestination(octets: Uint8Array): boolean {
	if (octets.length === 0) return true;
	if (octets.length > longestDestination) return false;
	for (let n = 0; n < octets.length; n++) if (octets[n]! <= 0x20 || octets[n]! > 0x7e) return false;
	const text = String.fromCharCode(...octets);
	const at = text.lastIndexOf(":");
	const port = text.slice(at + 1);
	return at > 0 && /^[0-9]{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 0xffff;
}

function isSendDestination(r: Reader): boolean {
	decodeStructure(r, 3);
	const service = decodeEnum(r);
	const destination = decodeOctetString(r);
	const message = decodeEnum(r);
	return (service === transport.tcp || service === transport.udp) && message === 0 && isDestination(destination);
}

function areWindows(r: Reader): boolean {
	const count = decodeArray(r);
	const time = new DateTime();
	for (let n = 0; n < count; n++) {
		decodeStructure(r, 2);
		decodeDateTime(r, time);
		decodeDateTime(r, time);
	}
	return count <= maximumWindows;
}

function isRepetition(r: Reader): boolean {
	decodeStructure(r, 3);
	const minimum = decodeLongUnsigned(r);
	const exponent = decodeLongUnsigned(r);
	return decodeLongUnsigned(r) >= minimum && exponent >= 100;
}

/** As `decodePushProtection`; certificates only where the client that is pushed to has a suite with them. */
function isProtection(r: Reader, { application }: Call, { push }: PushSetupSpec): boolean {
	const protection = decodePushProtection(r, application.identity.systemTitle);
	if (protection === undefined) return false;
	if (protection === null || !protection.needsCertificates) return true;
	const client = receiverOf(application.pushSettings, push);
	return client !== undefined && application.security.setup(client.setup).suite > 0;
}

function isConfirmation(r: Reader): boolean {
	decodeStructure(r, 2);
	const start = decodeDateTime(r, new DateTime());
	const interval_s = decodeDoubleLongUnsigned(r);
	return (start.isComplete() || start.year === notSpecified.year) && interval_s <= longestConfirmation_s;
}

function kept(
	id: number,
	name: string,
	isGood: (r: Reader, call: Call, spec: PushSetupSpec) => boolean | Pieces<boolean>,
): AttributeDefinition<PushSetupSpec> {
	return keptAttribute(id, name, ({ application }, { push }) => application.pushSettings.of(push), isGood);
}

/** Push setup, class_id 40, version 2 (Blue Book 4.4.8), over TCP or UDP. */
export const pushSetup = defineClass<PushSetupSpec>({
	classId: pushClass,
	version: 2,
	attributes: [
		kept(2, "pushObjectList", isObjectList),
		kept(3, "sendDestinationAndMethod", isSendDestination),
		kept(4, "communicationWindow", areWindows),
		kept(5, "randomisationStartInterval", isAny(decodeLongUnsigned)),
		kept(6, "numberOfRetries", isAny(decodeUnsigned)),
		kept(7, "repetitionDelay", isRepetition),
		kept(8, "portReference", (r) => decodeLogicalName(r) === ipPort),
		kept(9, "pushClientSap", (r) => clientWithKeys(decodeInteger(r)) !== undefined),
		kept(10, "pushProtectionParameters", isProtection),
		kept(11, "pushOperationMethod", (r) => decodeEnum(r) <= highestOperationMethod),
		kept(12, "confirmationParameters", isConfirmation),
		{
			id: 13,
			name: "lastConfirmationDateTime",
			encode(w, { application }, { push }) {
				const utc_s = application.push.confirmed_s(push);
				if (utc_s === 0) encodeOctetString(w, noMomentOctets());
				else encodeDateTime(w, application.clock.stamp(utc_s, application.time));
			},
		},
	],
	methods: [
		{
			id: 1,
			name: "push",
			invoke(r, _w, call, spec) {
				decodeInteger(r);
				call.application.push.trigger(spec.push);
				return dataAccessResult.success;
			},
		},
	],
});
