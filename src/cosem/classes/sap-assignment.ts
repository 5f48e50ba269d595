// SPDX-License-Identifier: Apache-2.0
import { encodeArray, encodeLongUnsigned, encodeOctetString, encodeStructure } from "../codec/axdr.js";
import { defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";

/** SAP of the management logical device, the only one of this meter. */
export const managementLogicalDevice = 1;

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
				encodeOctetString(w, call.application.identity.logicalDeviceName);
			},
		},
	],
	methods: [{ id: 1, name: "connectLogicalDevice", invoke: () => dataAccessResult.readWriteDenied }],
});
