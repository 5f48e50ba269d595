// SPDX-License-Identifier: Apache-2.0
import { DateTime } from "../../clock/date-time.js";
import { noOctets } from "../../core/no-octets.js";
import { optionBit } from "../../models/model.js";
import { longestParameterValue } from "../../profile/row-log-table.js";
import { OctetParameters } from "../../storage/octet-parameters.js";
import { access } from "../access.js";
import type { Application } from "../application.js";
import { dataClass } from "../class-ids.js";
import { type DataSpec, data } from "../classes/data.js";
import { sapAssignment } from "../classes/sap-assignment.js";
import { decodeOctetString, encodeEnum, encodeLongUnsigned, encodeOctetString, encodeUnsigned } from "../codec/axdr.js";
import { encodeDateTime } from "../codec/date-time.js";
import type { Reader } from "../codec/reader.js";
import { parseLogicalName } from "../logical-name.js";
import type { Call, CosemObject } from "../model.js";
import { object } from "../object.js";
import { changeSealed, encodePreviousValue } from "../parameters/certification.js";
import { isTold } from "../public-name.js";
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

/** Octets by which one meter is known from all others: none for whom that is kept from. */
function nameOctets(octets: (application: Application) => Uint8Array): DataSpec {
	return { value: (w, call) => encodeOctetString(w, isTold(call) ? octets(call.application) : noOctets) };
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

const zeroDigit = 0x30;
const firstDeviceId = parseLogicalName("0-0:96.1.0.255");

/** As `storedOctets`, but legally relevant: device identifier 0-0:96.1.`place`. */
function sealedOctets(place: number): DataSpec {
	return { ...storedOctets(place), setValue: setSealedOctets };
}

function setSealedOctets(r: Reader, call: Call, index: number): number {
	const { octetParameters, scratch } = call.application;
	const from = r.position;
	const octets = decodeOctetString(r);
	r.position = from;
	if (octets.length > OctetParameters.maximumLength) return dataAccessResult.otherReason;
	return changeSealed(
		call,
		{ classId: dataClass, logicalName: firstDeviceId + index * 256 },
		r,
		(w) => encodeOctetString(w, scratch, 0, octetParameters.read(index, scratch)),
		() => octetParameters.write(index, octets),
	);
}

/** Connection diagram of DIN 43856 in four digits: single-phase, three-phase of four conductors, behind current transformers. */
const connectionDiagram: DataSpec = {
	value(w, { application: { model, scratch } }) {
		const digits = model.phases === 1 ? 1000 : (model.options & optionBit.ct) === 0 ? 4000 : 4010;
		for (let n = 0; n < 4; n++) scratch[n] = zeroDigit + (Math.floor(digits / 10 ** (3 - n)) % 10);
		encodeOctetString(w, scratch, 0, 4);
	},
};

const changeCount: DataSpec = { value: (w, { application }) => encodeLongUnsigned(w, application.changes.count) };

const never = Object.freeze(new DateTime());

const changeTime: DataSpec = {
	value(w, { application }) {
		const last_s = application.changes.last_s;
		encodeDateTime(w, last_s === undefined ? never : application.clock.stamp(last_s, application.time));
	},
};

const protectedCount: DataSpec = {
	value: (w, { application }) => encodeLongUnsigned(w, application.changes.protectedCount),
};

const protectedTime: DataSpec = {
	value(w, { application }) {
		const last_s = application.changes.lastProtected_s;
		encodeDateTime(w, last_s === undefined ? never : application.clock.stamp(last_s, application.time));
	},
};

/** Factory link, terminal cover, meter cover, seal: the low bits of `housingSignal`. */
const securitySwitches: DataSpec = {
	value: (w, { application }) => encodeUnsigned(w, application.housing.signals() & 0x0f),
};

/** Previous value of the parameter that was changed last, third column of the certification log. */
const previousValue: DataSpec = {
	maximumSize: longestParameterValue,
	value: (w, { application }) => encodePreviousValue(w, application),
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
		nameOctets((application) => application.identity.logicalDeviceName),
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
		nameOctets((application) => application.identity.serialNumber),
	),
	// utility-written: device identifiers 2..5
	...[1, 2, 3, 4].map((e) => object(data, `0-0:96.1.${e}.255`, writtenByManagementShownToConsumer, storedOctets(e))),
	// set at manufacture: device identifiers 6..10
	...[5, 6, 7, 8, 9].map((e) => object(data, `0-0:96.1.${e}.255`, writtenByMetrologyShownToConsumer, sealedOctets(e))),
	object(data, "0-0:96.1.10.255", writtenByManagementShownToConsumer, storedOctets(10)),
	object(data, "1-0:0.0.0.255", writtenByManagement, storedOctets(11)),
	object(data, "1-0:0.2.4.255", readByStaff, connectionDiagram),
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
	object(data, "0-0:96.2.4.255", readByStaff, securitySwitches),
	object(data, "0-0:96.2.10.255", readByStaff, protectedCount),
	object(data, "0-0:96.2.11.255", readByStaff, protectedTime),
	object(data, "0-0:96.50.31.255", readByStaff, previousValue),
	object(data, "0-0:96.2.5.255", readByStaff, calibrationTime),
]);
