// SPDX-License-Identifier: Apache-2.0
import { DateTime } from "../../clock/date-time.js";
import { OctetParameters } from "../../storage/octet-parameters.js";
import { access } from "../access.js";
import type { Application } from "../application.js";
import { type DataSpec, data } from "../classes/data.js";
import { sapAssignment } from "../classes/sap-assignment.js";
import { decodeOctetString, encodeEnum, encodeLongUnsigned, encodeOctetString } from "../codec/axdr.js";
import { encodeDateTime } from "../codec/date-time.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";
import { dataAccessResult } from "../result.js";
import {
	readByAll,
	readByConsumerToo,
	readByStaff,
	writtenByManagement,
	writtenByManagementShownToConsumer,
	writtenByMetrologyShownToConsumer,
} from "./rights.js";

function fixedOctets(octets: (application: Application) => Uint8Array): DataSpec {
	return { value: (w, { application }) => encodeOctetString(w, octets(application)) };
}

/** An octet string of up to 48 octets that clients write; `place` is its place in the parameter store for ever. */
function storedOctets(place: number): DataSpec {
	return {
		maximumSize: 2 + OctetParameters.maximumLength,
		index: place,
		value(w, { application }, index) {
			encodeOctetString(w, application.scratch, 0, application.octetParameters.read(index, application.scratch));
		},
		setValue(r, { application }, index) {
			if (!application.octetParameters.write(index, decodeOctetString(r))) return dataAccessResult.otherReason;
			application.parameterChanged();
			return dataAccessResult.success;
		},
	};
}

const changeCount: DataSpec = { value: (w, { application }) => encodeLongUnsigned(w, application.changes.count) };

const never = Object.freeze(new DateTime());

const changeTime: DataSpec = {
	value(w, { application }) {
		const last_s = application.changes.last_s;
		encodeDateTime(w, last_s === undefined ? never : application.clock.stamp(last_s, application.time));
	},
};

const calibrationTime: DataSpec = {
	value(w, { application }) {
		const { calibrated_s, clock, time } = application;
		encodeDateTime(w, calibrated_s === undefined ? never : clock.stamp(calibrated_s, time));
	},
};

/** Measurement algorithm of active power: not specified. */
const algorithm: DataSpec = { value: (w) => encodeEnum(w, 0) };

export const identityObjects: readonly CosemObject[] = Object.freeze([
	object(
		data,
		"0-0:42.0.0.255",
		readByAll,
		fixedOctets((application) => application.identity.logicalDeviceName),
	),
	object(
		sapAssignment,
		"0-0:41.0.0.255",
		access({ public: "R*", management: "R*", reader: "R*", technician: "R*", metrology: "R*" }),
		null,
	),
	object(
		data,
		"0-0:96.1.0.255",
		readByAll,
		fixedOctets((application) => application.identity.serialNumber),
	),
	// utility-written: device identifiers 2..5
	...[1, 2, 3, 4].map((e) => object(data, `0-0:96.1.${e}.255`, writtenByManagementShownToConsumer, storedOctets(e))),
	// set at manufacture: device identifiers 6..10
	...[5, 6, 7, 8, 9].map((e) => object(data, `0-0:96.1.${e}.255`, writtenByMetrologyShownToConsumer, storedOctets(e))),
	object(data, "0-0:96.1.10.255", writtenByManagementShownToConsumer, storedOctets(10)),
	object(data, "1-0:0.0.0.255", writtenByManagement, storedOctets(11)),
	object(data, "1-0:0.2.1.255", writtenByManagement, storedOctets(12)),
	object(
		data,
		"1-0:0.2.0.255",
		readByAll,
		fixedOctets((application) => application.firmware.metrology.identifier),
	),
	object(
		data,
		"1-0:0.2.8.255",
		readByConsumerToo,
		fixedOctets((application) => application.firmware.metrology.checksum),
	),
	object(
		data,
		"1-1:0.2.0.255",
		readByAll,
		fixedOctets((application) => application.firmware.application.identifier),
	),
	object(
		data,
		"1-1:0.2.8.255",
		readByConsumerToo,
		fixedOctets((application) => application.firmware.application.checksum),
	),
	object(data, "1-0:0.11.1.255", readByStaff, algorithm),
	object(data, "0-0:96.2.0.255", readByStaff, changeCount),
	object(data, "0-0:96.2.1.255", readByStaff, changeTime),
	object(data, "0-0:96.2.5.255", readByStaff, calibrationTime),
]);
