// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../../core/no-octets.js";
import { type Association, associationStatus } from "../association/association.js";
import type { ClientDescriptor } from "../association/client.js";
import { clientOfAssociation, managementLogicalDevice, mechanismOf } from "../association/client.js";
import { associationClass } from "../class-ids.js";
import {
	decodeOctetString,
	encodeBits,
	encodeEnum,
	encodeInteger,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeOctetString,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";
import { securityControl } from "../security/protection.js";
import { maximumSecretLength, minimumSecretLength } from "../security/security-setup-state.js";
import { objectListSelectors, selectObjects } from "./object-list.js";
import { addUser, encodeCurrentUser, encodeUserList, removeUser, setUserList } from "./user-list.js";

export interface AssociationLnSpec {
	/** Value group E of 0-0:40.0.E: 1..7 the association of one client, 0 that of the caller. */
	readonly association: number;
}

const dlmsVersion = 6;
const conformanceLength = 24;
const firstSecuritySetup = parseLogicalName("0-0:43.0.0.255");
/** Step of value group E in a packed logical name. */
const groupE = 256;

function clientOf(call: Call, spec: AssociationLnSpec): ClientDescriptor {
	return spec.association === 0 ? call.association.client : clientOfAssociation(spec.association);
}

/** The live association an object stands for: the caller's own, or the furthest of the client it belongs to. */
function liveOf(call: Call, spec: AssociationLnSpec): Association | undefined {
	if (clientOf(call, spec) === call.association.client) return call.association;
	return call.association.home.ofClient(clientOf(call, spec));
}

function statusOf(call: Call, spec: AssociationLnSpec): number {
	if (clientOf(call, spec).isAlwaysOpen === true) return associationStatus.associated;
	return liveOf(call, spec)?.status ?? associationStatus.nonAssociated;
}

/** joint-iso-ccitt(2) country(16) country-name(756) identified-organization(5) DLMS-UA(8), then two arcs. */
function encodeObjectIdentifier(w: Writer, kind: number, number: number): void {
	encodeStructure(w, 7);
	encodeUnsigned(w, 2);
	encodeUnsigned(w, 16);
	encodeLongUnsigned(w, 756);
	encodeUnsigned(w, 5);
	encodeUnsigned(w, 8);
	encodeUnsigned(w, kind);
	encodeUnsigned(w, number);
}

function encodeContextInformation(w: Writer, call: Call, spec: AssociationLnSpec): void {
	const live = liveOf(call, spec);
	encodeStructure(w, 6);
	encodeBits(w, live?.conformance ?? clientOf(call, spec).conformance, conformanceLength);
	encodeLongUnsigned(w, call.association.home.receivePduSize);
	encodeLongUnsigned(w, live?.clientReceiveSize ?? 0);
	encodeUnsigned(w, dlmsVersion);
	encodeInteger(w, live?.qualityOfService ?? 0);
	encodeOctetString(w, noOctets); // cyphering_info would be the dedicated key
}

/** Secrets travel in authenticated and encrypted requests only. */
function setSecret(r: Reader, call: Call, spec: AssociationLnSpec): number {
	const secret = decodeOctetString(r);
	const both = securityControl.authenticated | securityControl.encrypted;
	if ((call.association.home.requestControl & both) !== both) return dataAccessResult.scopeOfAccessViolated;
	const { setup } = clientOf(call, spec);
	if (setup === 0 || secret.length < minimumSecretLength || secret.length > maximumSecretLength) {
		return dataAccessResult.otherReason;
	}
	call.application.security.setup(setup).changeSecret(secret);
	call.application.protectedParameterChanged();
	return dataAccessResult.success;
}

/**
 * Association LN, class_id 15, version 3 (Blue Book 4.4.4). Access rights are fixed by the object tables: add_object and
 * remove_object are granted to nobody.
 */
export const associationLn = defineClass<AssociationLnSpec>({
	classId: associationClass,
	version: 3,
	attributes: [
		{
			id: 2,
			name: "objectList",
			selectors: objectListSelectors,
			elements: (call, spec, selection) =>
				selectObjects(call.application.directory, clientOf(call, spec).index, selection),
		},
		{
			id: 3,
			name: "associatedPartnersId",
			encode(w, call, spec) {
				encodeStructure(w, 2);
				encodeInteger(w, clientOf(call, spec).sap);
				encodeLongUnsigned(w, managementLogicalDevice);
			},
		},
		{
			id: 4,
			name: "applicationContextName",
			encode: (w, call, spec) => encodeObjectIdentifier(w, 1, clientOf(call, spec).context),
		},
		{ id: 5, name: "xDlmsContextInfo", encode: encodeContextInformation },
		{
			id: 6,
			name: "authenticationMechanismName",
			encode: (w, call, spec) =>
				encodeObjectIdentifier(w, 2, mechanismOf(clientOf(call, spec), call.application.security)),
		},
		{ id: 7, name: "secret", set: setSecret },
		{
			id: 8,
			name: "associationStatus",
			encode: (w, call, spec) => encodeEnum(w, statusOf(call, spec)),
		},
		{
			id: 9,
			name: "securitySetupReference",
			encode: (w, call, spec) => encodeLogicalName(w, firstSecuritySetup + clientOf(call, spec).setup * groupE),
		},
		{
			id: 10,
			name: "userList",
			encode: (w, call, spec) => encodeUserList(w, call, clientOf(call, spec).association),
			set: (r, call, spec) => setUserList(r, call, clientOf(call, spec).association),
		},
		{
			id: 11,
			name: "currentUser",
			encode: (w, call, spec) =>
				encodeCurrentUser(w, call, clientOf(call, spec).association, liveOf(call, spec)?.userId ?? 0),
		},
	],
	methods: [
		{
			id: 1,
			name: "replyToHlsAuthentication",
			invoke: (r, w, call) => call.association.home.handshake.reply(call.association, r, w),
		},
		{ id: 2, name: "changeHlsSecret", invoke: (r, _w, call, spec) => setSecret(r, call, spec) },
		{ id: 3, name: "addObject", invoke: () => dataAccessResult.readWriteDenied },
		{ id: 4, name: "removeObject", invoke: () => dataAccessResult.readWriteDenied },
		{
			id: 5,
			name: "addUser",
			invoke: (r, _w, call, spec) => addUser(r, call, clientOf(call, spec).association),
		},
		{
			id: 6,
			name: "removeUser",
			invoke: (r, _w, call, spec) => removeUser(r, call, clientOf(call, spec).association),
		},
	],
});
