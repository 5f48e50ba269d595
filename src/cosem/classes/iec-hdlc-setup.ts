// SPDX-License-Identifier: Apache-2.0

import type { Application } from "../application.js";
import {
	decodeEnum,
	decodeLongUnsigned,
	decodeUnsigned,
	encodeEnum,
	encodeLongUnsigned,
	encodeUnsigned,
} from "../codec/axdr.js";
import type { HdlcSetup } from "../hdlc/hdlc-setup.js";
import type { StoredHdlcSetup } from "../hdlc/stored-hdlc-setup.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";

export interface HdlcSetupSpec {
	setup(application: Application): StoredHdlcSetup;
	/** Baud enumeration of a line that knows no other rate. */
	readonly onlySpeed?: number;
}

function change(call: Call, spec: HdlcSetupSpec, field: keyof HdlcSetup, value: number): number {
	if (field === "commSpeed" && spec.onlySpeed !== undefined && value !== spec.onlySpeed)
		return dataAccessResult.otherReason;
	if (!spec.setup(call.application).change(field, value)) return dataAccessResult.otherReason;
	call.application.parameterChanged();
	return dataAccessResult.success;
}

/** IEC HDLC setup, class_id 23, version 1 (Blue Book 4.7.2). */
export const iecHdlcSetup = defineClass<HdlcSetupSpec>({
	classId: 23,
	version: 1,
	attributes: [
		{
			id: 2,
			name: "commSpeed",
			encode: (w, call, spec) => encodeEnum(w, spec.setup(call.application).commSpeed),
			set: (r, call, spec) => change(call, spec, "commSpeed", decodeEnum(r)),
		},
		{
			id: 3,
			name: "windowSizeTransmit",
			encode: (w, call, spec) => encodeUnsigned(w, spec.setup(call.application).windowSizeTransmit),
			set: (r, call, spec) => change(call, spec, "windowSizeTransmit", decodeUnsigned(r)),
		},
		{
			id: 4,
			name: "windowSizeReceive",
			encode: (w, call, spec) => encodeUnsigned(w, spec.setup(call.application).windowSizeReceive),
			set: (r, call, spec) => change(call, spec, "windowSizeReceive", decodeUnsigned(r)),
		},
		{
			id: 5,
			name: "maxInfoFieldLengthTransmit",
			encode: (w, call, spec) => encodeLongUnsigned(w, spec.setup(call.application).maxInfoFieldLengthTransmit),
			set: (r, call, spec) => change(call, spec, "maxInfoFieldLengthTransmit", decodeLongUnsigned(r)),
		},
		{
			id: 6,
			name: "maxInfoFieldLengthReceive",
			encode: (w, call, spec) => encodeLongUnsigned(w, spec.setup(call.application).maxInfoFieldLengthReceive),
			set: (r, call, spec) => change(call, spec, "maxInfoFieldLengthReceive", decodeLongUnsigned(r)),
		},
		{
			id: 7,
			name: "interOctetTimeOut",
			encode: (w, call, spec) => encodeLongUnsigned(w, spec.setup(call.application).interOctetTimeout_ms),
			set: (r, call, spec) => change(call, spec, "interOctetTimeout_ms", decodeLongUnsigned(r)),
		},
		{
			id: 8,
			name: "inactivityTimeOut",
			encode: (w, call, spec) => encodeLongUnsigned(w, spec.setup(call.application).inactivityTimeout_s),
			set: (r, call, spec) => change(call, spec, "inactivityTimeout_s", decodeLongUnsigned(r)),
		},
		{
			id: 9,
			name: "deviceAddress",
			encode: (w, call, spec) => encodeLongUnsigned(w, spec.setup(call.application).deviceAddress),
			set: (r, call, spec) => change(call, spec, "deviceAddress", decodeLongUnsigned(r)),
		},
	],
	methods: [],
});
