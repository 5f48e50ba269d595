// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../../storage/keys.js";
import { ipv4Class } from "../class-ids.js";
import {
	decodeArray,
	decodeBoolean,
	decodeDoubleLongUnsigned,
	decodeInteger,
	decodeOctetString,
	decodeStructure,
	decodeUnsigned,
	encodeArray,
	encodeBoolean,
	encodeDoubleLongUnsigned,
	encodeLogicalName,
	encodeLongUnsigned,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import { type Call, defineClass } from "../model.js";
import type { StoredAttributes } from "../parameters/stored-attributes.js";
import { dataAccessResult } from "../result.js";
import { isAny, keptAttribute } from "./kept-attribute.js";

const pppSetup = parseLogicalName("0-0:25.3.0.255");
const attribute = Object.freeze({ address: 3, multicast: 4, options: 5, usesDhcp: 8 });
const maximumRecord = 300;
const maximumMulticast = 8;
const maximumOptions = 4;
/** Octets of an IP option behind type and length (RFC 791). */
const longestOption = 38;
/** 224.0.0.0/4 */
const firstMulticast = 0xe000_0000;
const lastMulticast = 0xefff_ffff;

function settingsOf({ application }: Call): StoredAttributes {
	return application.stored(recordKey.ipv4, {
		first: attribute.address,
		last: 10,
		maximum: maximumRecord,
		factory(id, w) {
			if (id === attribute.address) encodeDoubleLongUnsigned(w, application.push.address);
			else if (id === attribute.multicast || id === attribute.options) encodeArray(w, 0);
			else if (id === attribute.usesDhcp) encodeBoolean(w, false);
			else encodeDoubleLongUnsigned(w, 0);
		},
	});
}

function isMulticast(address: number): boolean {
	return address >= firstMulticast && address <= lastMulticast;
}

/** An address of a host: none, or neither multicast nor reserved. */
function isHost(r: Reader): boolean {
	return decodeDoubleLongUnsigned(r) < firstMulticast;
}

/** Ones, then zeros. */
function isMask(r: Reader): boolean {
	const host = ~decodeDoubleLongUnsigned(r) >>> 0;
	return (host & (host + 1)) === 0;
}

function areMulticast(r: Reader): boolean {
	const count = decodeArray(r);
	const seen: number[] = [];
	let isGood = count <= maximumMulticast;
	for (let n = 0; n < count; n++) {
		const address = decodeDoubleLongUnsigned(r);
		if (!isMulticast(address) || seen.includes(address)) isGood = false;
		else if (isGood) seen.push(address);
	}
	return isGood;
}

function areOptions(r: Reader): boolean {
	const count = decodeArray(r);
	let isGood = count <= maximumOptions;
	for (let n = 0; n < count; n++) {
		decodeStructure(r, 3);
		decodeUnsigned(r);
		const length = decodeUnsigned(r);
		const octets = decodeOctetString(r);
		// the length of an option counts its type and itself (RFC 791)
		if (length !== octets.length + 2 || octets.length > longestOption) isGood = false;
	}
	return isGood;
}

function multicastOf(call: Call): number[] {
	const r = settingsOf(call).read(attribute.multicast);
	const count = decodeArray(r);
	const addresses: number[] = [];
	for (let n = 0; n < count; n++) addresses.push(decodeDoubleLongUnsigned(r));
	return addresses;
}

function changeMulticast(call: Call, addresses: readonly number[]): number {
	const w = new Writer(maximumRecord);
	encodeArray(w, addresses.length);
	for (let n = 0; n < addresses.length; n++) encodeDoubleLongUnsigned(w, addresses[n]!);
	if (!settingsOf(call).change(attribute.multicast, w.bytes.subarray(0, w.position)))
		return dataAccessResult.otherReason;
	call.application.parameterChanged();
	return dataAccessResult.success;
}

/** IPv4 setup, class_id 42, version 0 (Blue Book 4.9.2). */
export const ipv4Setup = defineClass<null>({
	classId: ipv4Class,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "dlReference",
			// the link below belongs to the host where the meter has no modem of its own
			encode: (w, { application }) =>
				encodeLogicalName(w, application.directory.find(pppSetup) === undefined ? 0 : pppSetup),
		},
		keptAttribute(3, "ipAddress", settingsOf, isHost),
		keptAttribute(4, "multicastIpAddress", settingsOf, areMulticast),
		keptAttribute(5, "ipOptions", settingsOf, areOptions),
		keptAttribute(6, "subnetMask", settingsOf, isMask),
		keptAttribute(7, "gatewayIpAddress", settingsOf, isHost),
		keptAttribute(8, "useDhcpFlag", settingsOf, isAny(decodeBoolean)),
		keptAttribute(9, "primaryDnsAddress", settingsOf, isHost),
		keptAttribute(10, "secondaryDnsAddress", settingsOf, isHost),
	],
	methods: [
		{
			id: 1,
			name: "addMcIpAddress",
			invoke(r, _w, call) {
				const address = decodeDoubleLongUnsigned(r);
				const addresses = multicastOf(call);
				if (addresses.includes(address)) return dataAccessResult.success;
				if (!isMulticast(address) || addresses.length >= maximumMulticast) return dataAccessResult.otherReason;
				return changeMulticast(call, [...addresses, address]);
			},
		},
		{
			id: 2,
			name: "deleteMcIpAddress",
			invoke(r, _w, call) {
				const address = decodeDoubleLongUnsigned(r);
				const addresses = multicastOf(call);
				if (!addresses.includes(address)) return dataAccessResult.otherReason;
				return changeMulticast(
					call,
					addresses.filter((other) => other !== address),
				);
			},
		},
		{
			id: 3,
			name: "getNbofMcIpAddresses",
			invoke(r, w, call) {
				decodeInteger(r);
				encodeLongUnsigned(w, multicastOf(call).length);
				return dataAccessResult.success;
			},
		},
	],
});
