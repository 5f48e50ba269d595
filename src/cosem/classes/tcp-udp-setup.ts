// SPDX-License-Identifier: Apache-2.0
import {
	decodeLongUnsigned,
	decodeUnsigned,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeUnsigned,
} from "../codec/axdr.js";
import { parseLogicalName } from "../logical-name.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";
import type { StoredTcpUdpSetup, TcpUdpField } from "../wrapper/stored-tcp-udp-setup.js";

const ipv4Setup = parseLogicalName("0-0:25.1.0.255");

function setupOf({ application }: Call): StoredTcpUdpSetup {
	return application.tcpUdp!;
}

function change(call: Call, field: TcpUdpField, value: number): number {
	if (!setupOf(call).change(field, value)) return dataAccessResult.otherReason;
	call.application.parameterChanged();
	return dataAccessResult.success;
}

/** TCP-UDP setup, class_id 41, version 0 (Blue Book 4.9.1). */
export const tcpUdpSetup = defineClass<null>({
	classId: 41,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "tcpUdpPort",
			encode: (w, call) => encodeLongUnsigned(w, setupOf(call).port),
			set: (r, call) => change(call, "port", decodeLongUnsigned(r)),
		},
		{ id: 3, name: "ipReference", encode: (w) => encodeLogicalName(w, ipv4Setup) },
		{
			id: 4,
			name: "mss",
			encode: (w, call) => encodeLongUnsigned(w, setupOf(call).maximumSegmentSize),
			set: (r, call) => change(call, "maximumSegmentSize", decodeLongUnsigned(r)),
		},
		{
			id: 5,
			name: "nbOfSimConn",
			encode: (w, call) => encodeUnsigned(w, setupOf(call).simultaneousConnections),
			set: (r, call) => change(call, "simultaneousConnections", decodeUnsigned(r)),
		},
		{
			id: 6,
			name: "inactivityTimeOut",
			encode: (w, call) => encodeLongUnsigned(w, setupOf(call).inactivityTimeout_s),
			set: (r, call) => change(call, "inactivityTimeout_s", decodeLongUnsigned(r)),
		},
	],
	methods: [],
});
