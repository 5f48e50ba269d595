// SPDX-License-Identifier: Apache-2.0
import type { Data } from "../../tests/support/client/axdr.js";
import { data, encodeLogicalName, type ObjectRef, ref } from "../../tests/support/client/data.js";
import { encodeCaptureObject } from "../../tests/support/client/profile.js";
import { pick } from "./random.js";

type Random = () => number;

/** A parameter that a head end sets, and values for it. */
export interface Setting {
	readonly name: string;
	readonly ref: ObjectRef;
	readonly attribute: number;
	make(random: Random): Data;
}

const { longUnsigned, doubleLongUnsigned, octetString, structure, array, unsigned } = data;

function octets(random: Random, count: number): Uint8Array {
	return Uint8Array.from({ length: count }, () => pick(random, 256));
}

function name(random: Random): Uint8Array {
	return Uint8Array.from({ length: 1 + pick(random, 8) }, () => 0x41 + pick(random, 26));
}

/** Up to 24 day types of up to six switch points. */
function dayProfiles(random: Random): Data {
	const table = octetString(encodeLogicalName("0-0:10.0.100.255"));
	const day = (id: number): Data => {
		const points: Data[] = [];
		for (let hour = 0; hour < 24; hour += 4)
			if (hour === 0 || random() < 0.6)
				points.push(
					structure(octetString(Uint8Array.of(hour, pick(random, 60), 0, 0)), table, longUnsigned(1 + pick(random, 4))),
				);
		return structure(unsigned(id), array(...points));
	};
	return array(...Array.from({ length: 1 + pick(random, 24) }, (_, id) => day(id + 1)));
}

function specialDays(random: Random): Data {
	const day = (index: number): Data =>
		structure(
			longUnsigned(index),
			octetString(Uint8Array.of(255, 255, 1 + (index % 12), 1 + Math.floor(index / 12), 255)),
			unsigned(1 + pick(random, 20)),
		);
	return array(...Array.from({ length: pick(random, 31) }, (_, n) => day(n + 1)));
}

const readoutChoices = [1, 2, 3, 4, 5, 6, 7, 8].map((c) =>
	encodeCaptureObject({ classId: 3, logicalName: `1-0:${c}.8.0.255`, attribute: 2, dataIndex: 0 }),
);

/** Parameters of all kinds: values, names, calendars, lists. */
export const settings: readonly Setting[] = [
	{ name: "device id", ref: ref(1, "0-0:96.1.1.255"), attribute: 2, make: (r) => octetString(octets(r, 12)) },
	{ name: "shift limit", ref: ref(3, "1-0:0.9.11.255"), attribute: 2, make: (r) => longUnsigned(1 + pick(r, 60)) },
	{
		name: "sag threshold",
		ref: ref(3, "1-0:12.31.0.255"),
		attribute: 2,
		make: (r) => longUnsigned(1800 + pick(r, 200)),
	},
	{
		name: "limiter threshold",
		ref: ref(71, "0-0:17.0.0.255"),
		attribute: 4,
		make: (r) => doubleLongUnsigned(9000 + pick(r, 4000)),
	},
	{ name: "push window", ref: ref(40, "0-0:25.9.0.255"), attribute: 5, make: (r) => longUnsigned(pick(r, 600)) },
	{
		name: "alarm filter",
		ref: ref(1, "0-0:97.98.10.255"),
		attribute: 2,
		make: (r) => doubleLongUnsigned(pick(r, 1 << 13)),
	},
	{
		name: "default rate",
		ref: ref(1, "0-0:96.50.5.255"),
		attribute: 2,
		make: (r) =>
			structure(data.enum(0), unsigned(0), octetString(new Uint8Array(12).fill(255)), unsigned(1 + pick(r, 4))),
	},
	{ name: "passive calendar", ref: ref(20, "0-0:13.0.0.255"), attribute: 6, make: (r) => octetString(name(r)) },
	{ name: "passive day types", ref: ref(20, "0-0:13.0.0.255"), attribute: 9, make: dayProfiles },
	{ name: "special days", ref: ref(11, "0-0:11.0.0.255"), attribute: 2, make: specialDays },
	{
		name: "readout list",
		ref: ref(7, "0-0:21.0.0.255"),
		attribute: 3,
		make: (r) => array(...readoutChoices.filter(() => r() < 0.5)),
	},
];
