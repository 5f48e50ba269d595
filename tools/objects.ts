// SPDX-License-Identifier: Apache-2.0
// npm run objects: writes docs/objects.md, the page of all objects of all models, from the object tables of the meter. What
// an object means is taken from the specified object model, by its logical name.
import { writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { invocableBits, isVisible, readableBits, writableBits } from "../src/cosem/access.js";
import { formatLogicalName } from "../src/cosem/logical-name.js";
import { type CosemObject, clientIndex } from "../src/cosem/model.js";
import { objectIndex } from "../src/cosem/objects/all.js";
import { models, type OptionName, optionBit } from "../src/models/model.js";
import { specifiedObjects } from "../tests/support/object-model.js";

export const objectsPage = fileURLToPath(new URL("../docs/objects.md", import.meta.url));

const clients = [
	["public", clientIndex.public],
	["management", clientIndex.management],
	["pre-established", clientIndex.preEstablished],
	["reader", clientIndex.reader],
	["technician", clientIndex.technician],
	["consumer", clientIndex.consumer],
	["metrology", clientIndex.metrology],
] as const;

const meanings: ReadonlyMap<string, string> = new Map(specifiedObjects.map((row) => [row["obis"]!, row["name"]!]));

/** `letter` and the numbers out of `ids` that are granted; a star for all of them, nothing for none. */
function item(letter: string, bits: number, ids: readonly number[]): string {
	const granted = ids.filter((id) => (bits >>> id) & 1);
	if (granted.length === 0) return "";
	return letter + (granted.length === ids.length && ids.length > 1 ? "*" : granted.join(","));
}

/** Rights of a client as in the object model: readable and writable attributes, callable methods. */
function rights(object: CosemObject, client: number): string {
	if (!isVisible(object.access, client)) return "";
	const attributes = object.definition.attributes.map(({ id }) => id);
	const methods = object.definition.methods.map(({ id }) => id);
	return [
		item("R", readableBits(object.access, client), attributes),
		item("W", writableBits(object.access, client), attributes),
		item("A", invocableBits(object.access, client), methods),
	]
		.filter((text) => text !== "")
		.join(" ");
}

function optionsOf(object: CosemObject): string {
	if (object.options & optionBit.base) return "";
	return (Object.keys(optionBit) as OptionName[]).filter((name) => object.options & optionBit[name]).join("/");
}

function modelsOf(object: CosemObject): string {
	const having = models.filter(({ bit }) => object.models & bit);
	return having.length === models.length ? "all" : having.map(({ name }) => name).join(" ");
}

function byLogicalName(a: CosemObject, b: CosemObject): number {
	return a.logicalName - b.logicalName || a.models - b.models;
}

/** The page as it stands in docs. */
export function renderObjects(): string {
	// those of options that no model has are not there for anybody
	const offered = models.map(({ bit, options }) => ({ bit, options }));
	const rows = objectIndex.rows
		.filter((row) => offered.some(({ bit, options }) => row.models & bit && row.options & options))
		.sort(byLogicalName)
		.map((row) => {
			const name = formatLogicalName(row.logicalName);
			const { classId, version } = row.definition;
			const meaning = (meanings.get(name) ?? "").replaceAll("|", "\\|");
			const cells = [name, `${classId}/${version}`, meaning, modelsOf(row), optionsOf(row)];
			return `| ${[...cells, ...clients.map(([, index]) => rights(row, index))].join(" | ")} |`;
		});
	const head = ["logical name", "class", "meaning", "models", "option", ...clients.map(([name]) => name)];
	return [
		"# Objects of the meter",
		"",
		"Written by `npm run objects` from the object tables; do not edit. A test compares the two.",
		"",
		"`class` is class_id and version. `option`: the object is there when one of these was ordered. Rights of each client: `R` attributes it",
		"reads, `W` attributes it writes, `A` methods it calls; a star stands for all of them. The logical name is read by whoever reads",
		"anything. Without any right a client does not see the object: it is undefined for it.",
		"",
		`| ${head.join(" | ")} |`,
		`|${head.map(() => "---|").join("")}`,
		...rows,
		"",
	].join("\n");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
	writeFileSync(objectsPage, renderObjects());
	console.log(`written to ${objectsPage}`);
}
