// SPDX-License-Identifier: Apache-2.0
import { classTable, parseAttributes, type SpecifiedAttribute } from "./data-type.js";
import { type SpecifiedObject, specifiedObjects } from "./object-model.js";

export const modelNames = ["SM402D", "ST402D", "ST402C"] as const;

export type ModelName = (typeof modelNames)[number];

export type ClientName =
	| "public"
	| "management"
	| "preestablished"
	| "reader"
	| "technician"
	| "consumer"
	| "metrology";

/** Order options of the delivered product; every other option is off. */
const commonOptions = [
	"base",
	"disconnector",
	"limiter",
	"io",
	"ip",
	"cellular",
	"mbus",
	"rs485_1",
	"pq",
	"no_power",
	"suite1",
];

const optionsOf: Readonly<Record<ModelName, ReadonlySet<string>>> = {
	SM402D: new Set([...commonOptions, "neutral_ct"]),
	ST402D: new Set(commonOptions),
	ST402C: new Set([...commonOptions.filter((option) => option !== "disconnector"), "ct"]),
};

/** Scalers that depend on the model: energy and power, measured current, voltage at the terminals. */
const scalersOf: Readonly<Record<ModelName, Readonly<Record<string, number>>>> = {
	SM402D: { s: 0, i: -2, u: -1 },
	ST402D: { s: 0, i: -2, u: -1 },
	ST402C: { s: 0, i: -3, u: -1 },
};

/** What a client may do with an object. */
export interface SpecifiedRights {
	readonly reads: ReadonlySet<number>;
	readonly writes: ReadonlySet<number>;
	readonly methods: ReadonlySet<number>;
}

/** One object of one model. */
export interface MeterObject {
	readonly classId: number;
	readonly version: number;
	readonly logicalName: string;
	readonly name: string;
	/** Without attribute 1. */
	readonly attributes: readonly SpecifiedAttribute[];
	/** Numbers of all methods of the class. */
	readonly methods: readonly number[];
	readonly row: SpecifiedObject;
}

const secretOfAssociation = 7;

function meterObject(row: SpecifiedObject): MeterObject {
	const classId = Number(row["class_id"]);
	const version = Number(row["version"]);
	return {
		classId,
		version,
		logicalName: row["obis"]!,
		name: row["name"]!,
		attributes: parseAttributes(row["attributes"]!, classId, version),
		methods: classTable(classId, version).methods.map(({ id }) => id),
		row,
	};
}

/** Every object that a model has when it is delivered with its usual options but those left out, by logical name. */
export function objectsOf(model: ModelName, withoutOptions: readonly string[] = []): ReadonlyMap<string, MeterObject> {
	const options = optionsOf[model];
	const has = (option: string): boolean => options.has(option) && !withoutOptions.includes(option);
	/** Each relay can be left out alone; the object model knows them all or none. */
	const isLeftOut = (name: string): boolean =>
		withoutOptions.some((option) => option.startsWith("relay_") && name === `0-${option.slice(-1)}:96.3.10.255`);
	const rows = specifiedObjects.filter(
		(row) => row[model] === "1" && row["feature"]!.split("/").some(has) && !isLeftOut(row["obis"]!),
	);
	return new Map(rows.map((row) => [row["obis"]!, meterObject(row)]));
}

/** Scaler of the object model as a number, undefined where the value's source determines it. */
export function scalerOf(model: ModelName, text: string): number | undefined {
	return /^-?\d+$/.test(text) ? Number(text) : scalersOf[model][text];
}

/**
 * The rights of a client; undefined when it does not see the object. Attribute 1 can be read where any attribute can.
 * `R*` leaves out the secret of an association, which nobody reads.
 */
export function rightsOf(object: MeterObject, client: ClientName): SpecifiedRights | undefined {
	const text = object.row[`acc_${client}`]!;
	if (text === "-") return undefined;
	const reads = new Set<number>();
	const writes = new Set<number>();
	const methods = new Set<number>();
	for (const item of text.split(";")) {
		const target = item[0] === "R" ? reads : item[0] === "W" ? writes : methods;
		const all = item[0] === "A" ? object.methods : object.attributes.map(({ id }) => id);
		for (const id of item.slice(1) === "*" ? all : item.slice(1).split(",").map(Number)) target.add(id);
	}
	if (object.classId === 15) reads.delete(secretOfAssociation);
	if (reads.size > 0) reads.add(1);
	return { reads, writes, methods };
}
