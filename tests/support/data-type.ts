// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import type { Data } from "./client/axdr.js";

/** A type of the object model's grammar. */
export type SpecifiedType =
	| { readonly kind: "any" }
	/** One of the Data types; octets or bits from `minimum` to `maximum`. */
	| { readonly kind: "simple"; readonly name: string; readonly minimum: number; readonly maximum: number }
	| { readonly kind: "array"; readonly element: SpecifiedType }
	/** Without fields any structure fits. */
	| { readonly kind: "structure"; readonly fields: readonly SpecifiedField[] | undefined }
	| { readonly kind: "choice"; readonly types: readonly SpecifiedType[] };

export interface SpecifiedField {
	readonly name: string;
	readonly type: SpecifiedType;
}

interface ClassTable {
	readonly id: number;
	readonly version: number;
	readonly attributes: readonly { readonly id: number; readonly type: string; readonly secret?: true }[];
	readonly methods: readonly { readonly id: number; readonly name: string; readonly parameter?: string }[];
}

interface InterfaceClasses {
	readonly types: Readonly<Record<string, string>>;
	readonly units: Readonly<Record<string, number>>;
	readonly classes: readonly ClassTable[];
}

const tables: InterfaceClasses = JSON.parse(
	readFileSync(new URL("../data/object-model/interface-classes.json", import.meta.url), "utf8"),
);

/** Unit codes by symbol. */
export const unitCodes = tables.units;

/** @throws RangeError when the class is not in the tables */
export function classTable(classId: number, version: number): ClassTable {
	const table = tables.classes.find((candidate) => candidate.id === classId && candidate.version === version);
	if (table === undefined) throw new RangeError(`no class ${classId} version ${version}`);
	return table;
}

/** Reads a type from the begin of a text. `rest` is what follows it. */
class TypeReader {
	rest: string;

	constructor(text: string) {
		this.rest = text;
	}

	take(pattern: RegExp): string {
		const match = pattern.exec(this.rest);
		if (match === null || match.index !== 0) throw new RangeError(`not a type: ${this.rest}`);
		this.rest = this.rest.slice(match[0].length);
		return match[0];
	}

	type(): SpecifiedType {
		const name = this.take(/[a-z0-9_-]+/);
		if (name === "any") return { kind: "any" };
		if (name === "array") return { kind: "array", element: this.#braced(() => this.type()) };
		if (name === "choice") return { kind: "choice", types: this.#braced(() => this.#list(() => this.type())) };
		if (name === "structure") {
			if (!this.rest.startsWith("{")) return { kind: "structure", fields: undefined };
			return { kind: "structure", fields: this.#braced(() => this.#list(() => this.#field())) };
		}
		const named = tables.types[name];
		if (named !== undefined) return parseType(named);
		if (!this.rest.startsWith("[")) return { kind: "simple", name, minimum: 0, maximum: Infinity };
		const [minimum, maximum] = this.take(/\[\d+(\.\.\d+)?\]/)
			.slice(1, -1)
			.split("..")
			.map(Number);
		return { kind: "simple", name, minimum: minimum!, maximum: maximum ?? minimum! };
	}

	#field(): SpecifiedField {
		const type = this.type();
		this.take(/ /);
		return { type, name: this.take(/[a-z0-9_]+/) };
	}

	#list<Item>(read: () => Item): Item[] {
		const items = [read()];
		while (this.rest.startsWith(",")) {
			this.take(/,/);
			items.push(read());
		}
		return items;
	}

	#braced<Content>(read: () => Content): Content {
		this.take(/\{/);
		const content = read();
		this.take(/\}/);
		return content;
	}
}

/** @throws RangeError on anything but one type */
export function parseType(text: string): SpecifiedType {
	const reader = new TypeReader(text);
	const type = reader.type();
	if (reader.rest !== "") throw new RangeError(`not a type: ${text}`);
	return type;
}

/** One attribute of one object, as specified. */
export interface SpecifiedAttribute {
	readonly id: number;
	readonly name: string;
	readonly type: SpecifiedType;
	readonly kind: "static" | "config" | "dyn";
	/** Number, or a letter for one that depends on the model. */
	readonly scaler: string | undefined;
	readonly unit: string | undefined;
	/** Never readable, or readable but empty. */
	readonly isSecret: boolean;
}

/** Column `attributes` of the object model. */
export function parseAttributes(text: string, classId: number, version: number): readonly SpecifiedAttribute[] {
	if (text === "-") return [];
	const table = classTable(classId, version);
	return text.split("|").map((item) => {
		const reader = new TypeReader(item);
		const id = Number(reader.take(/\d+/));
		const name = reader.take(/ [a-z0-9_]+ /).trim();
		const attribute = table.attributes.find((candidate) => candidate.id === id);
		if (attribute === undefined) throw new RangeError(`class ${classId} has no attribute ${id}`);
		const isClassType = /^class( |$)/.test(reader.rest);
		const type = isClassType ? parseType(attribute.type) : reader.type();
		if (isClassType) reader.take(/class/);
		const kind = reader.take(/ (static|config|dyn)/).trim() as SpecifiedAttribute["kind"];
		const scale = /^ \(([^,]+),([^)]+)\)$/.exec(reader.rest);
		if (scale === null && reader.rest !== "") throw new RangeError(`not an attribute: ${item}`);
		return { id, name, type, kind, scaler: scale?.[1], unit: scale?.[2], isSecret: attribute.secret === true };
	});
}

/** Why `data` is not of this type; undefined when it is. `where` leads to the value that is wrong. */
export function mismatch(type: SpecifiedType, data: Data, where = "value"): string | undefined {
	switch (type.kind) {
		case "any":
			return undefined;
		case "choice": {
			const reasons = type.types.map((candidate) => mismatch(candidate, data, where));
			return reasons.includes(undefined) ? undefined : reasons.join(", ");
		}
		case "array": {
			if (data.type !== "array" && data.type !== "compact-array") return `${where}: ${data.type}, not array`;
			return firstReason(data.value, (item, n) => mismatch(type.element, item, `${where}[${n}]`));
		}
		case "structure": {
			if (data.type !== "structure") return `${where}: ${data.type}, not structure`;
			const { fields } = type;
			if (fields === undefined) return undefined;
			if (data.value.length !== fields.length) return `${where}: ${data.value.length} of ${fields.length} fields`;
			return firstReason(data.value, (item, n) => mismatch(fields[n]!.type, item, `${where}.${fields[n]!.name}`));
		}
		default: {
			if (data.type !== type.name) return `${where}: ${data.type}, not ${type.name}`;
			const { value } = data;
			const size = typeof value === "string" || value instanceof Uint8Array ? value.length : undefined;
			if (size === undefined || (size >= type.minimum && size <= type.maximum)) return undefined;
			return `${where}: ${size} octets or bits, not ${type.minimum}..${type.maximum}`;
		}
	}
}

function firstReason(
	items: readonly Data[],
	check: (item: Data, index: number) => string | undefined,
): string | undefined {
	for (const [index, item] of items.entries()) {
		const reason = check(item, index);
		if (reason !== undefined) return reason;
	}
	return undefined;
}
