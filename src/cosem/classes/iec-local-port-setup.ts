// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../../core/no-octets.js";
import { type PortNumber, portText, type StoredLocalPortSetup } from "../../iec62056-21/stored-local-port-setup.js";
import type { Application } from "../application.js";
import { decodeEnum, decodeOctetString, encodeEnum, encodeOctetString } from "../codec/axdr.js";
import type { Writer } from "../codec/writer.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";
import { securityControl } from "../security/protection.js";

export interface LocalPortSetupSpec {
	setup(application: Application): StoredLocalPortSetup;
	/** Values that the hardware of this port allows; all of the class unless given. */
	accepts?(field: PortNumber, value: number): boolean;
}

function changed(isAccepted: boolean, call: Call): number {
	if (!isAccepted) return dataAccessResult.otherReason;
	call.application.parameterChanged();
	return dataAccessResult.success;
}

function changeNumber(call: Call, spec: LocalPortSetupSpec, field: PortNumber, value: number): number {
	if (spec.accepts?.(field, value) === false) return dataAccessResult.otherReason;
	return changed(spec.setup(call.application).changeNumber(field, value), call);
}

/** Passwords travel in authenticated and encrypted requests only. */
function changePassword(call: Call, spec: LocalPortSetupSpec, text: number, octets: Uint8Array): number {
	const both = securityControl.authenticated | securityControl.encrypted;
	if ((call.association.home.requestControl & both) !== both) return dataAccessResult.scopeOfAccessViolated;
	return changed(spec.setup(call.application).changeText(text, octets), call);
}

/** A password reads as an empty octet-string. */
function encodeSecret(w: Writer): void {
	encodeOctetString(w, noOctets);
}

/** IEC local port setup, class_id 19, version 1 (Blue Book 4.7.1). */
export const iecLocalPortSetup = defineClass<LocalPortSetupSpec>({
	classId: 19,
	version: 1,
	attributes: [
		{
			id: 2,
			name: "defaultMode",
			encode: (w, call, spec) => encodeEnum(w, spec.setup(call.application).defaultMode),
			set: (r, call, spec) => changeNumber(call, spec, "defaultMode", decodeEnum(r)),
		},
		{
			id: 3,
			name: "defaultBaud",
			encode: (w, call, spec) => encodeEnum(w, spec.setup(call.application).defaultBaud),
			set: (r, call, spec) => changeNumber(call, spec, "defaultBaud", decodeEnum(r)),
		},
		{
			id: 4,
			name: "proposedBaud",
			encode: (w, call, spec) => encodeEnum(w, spec.setup(call.application).proposedBaud),
			set: (r, call, spec) => changeNumber(call, spec, "proposedBaud", decodeEnum(r)),
		},
		{
			id: 5,
			name: "responseTime",
			encode: (w, call, spec) => encodeEnum(w, spec.setup(call.application).responseTime),
			set: (r, call, spec) => changeNumber(call, spec, "responseTime", decodeEnum(r)),
		},
		{
			id: 6,
			name: "deviceAddress",
			encode: (w, call, spec) => encodeOctetString(w, spec.setup(call.application).deviceAddress),
			set: (r, call, spec) =>
				changed(spec.setup(call.application).changeText(portText.deviceAddress, decodeOctetString(r)), call),
		},
		{
			id: 7,
			name: "passP1",
			encode: encodeSecret,
			set: (r, call, spec) => changePassword(call, spec, portText.passwordP1, decodeOctetString(r)),
		},
		{
			id: 8,
			name: "passP2",
			encode: encodeSecret,
			set: (r, call, spec) => changePassword(call, spec, portText.passwordP2, decodeOctetString(r)),
		},
		{
			id: 9,
			name: "passW5",
			encode: encodeSecret,
			set: (r, call, spec) => changePassword(call, spec, portText.passwordW5, decodeOctetString(r)),
		},
	],
	methods: [],
});
