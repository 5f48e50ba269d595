// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../../core/no-octets.js";
import { managementLogicalDevice } from "../association/client.js";
import { encodeArray, encodeLongUnsigned, encodeOctetString, encodeStructure } from "../codec/axdr.js";
import { defineClass } from "../model.js";
import { isTold } from "../public-name.js";
import { dataAccessResult } from "../result.js";

/** SAP assignment, class_id 17, version 0 (Blue Book 4.4.5). */
export const sapAssignment = defineClass<null>({
	classId: 17,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "sapAssignmentList",
			encode(w, call) {
				encodeArray(w, 1);
				encodeStructure(w, 2);
				encodeLongUnsigned(w, managementLogicalDevice);
				encodeOctetString(w, isTold(call) ? call.application.identity.logicalDeviceName : noOctets);
			},
		},
	],
	methods: [{ id: 1, name: "connectLogicalDevice", invoke: () => dataAccessResult.readWriteDenied }],
});
