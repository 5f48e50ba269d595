// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { invocableBits, isVisible, readableBits, writableBits } from "../../../src/cosem/access.js";
import { formatLogicalName } from "../../../src/cosem/logical-name.js";
import { type CosemObject, clientIndex } from "../../../src/cosem/model.js";
import { ObjectDirectory } from "../../../src/cosem/object-directory.js";
import { objectIndex } from "../../../src/cosem/objects/all.js";
import { withoutOptions as leftOptions, models, type OptionName, optionBit } from "../../../src/models/model.js";
import { notServed } from "../../support/object-model.js";
import { type ClientName, type MeterObject, objectsOf, rightsOf } from "../../support/specified-meter.js";

const clients: readonly (readonly [ClientName, number])[] = [
	["public", clientIndex.public],
	["management", clientIndex.management],
	["preestablished", clientIndex.preEstablished],
	["reader", clientIndex.reader],
	["technician", clientIndex.technician],
	["consumer", clientIndex.consumer],
	["metrology", clientIndex.metrology],
];

/** Numbers out of `ids` whose bit is set. */
function numbers(bits: number, ids: readonly number[]): string {
	return ids.filter((id) => (bits >>> id) & 1).join();
}

/** One row as text: class, version, attributes, and what a client may do with them. */
function served(object: CosemObject, client: number): string {
	const { classId, version, attributes, methods } = object.definition;
	const ids = attributes.map(({ id }) => id);
	const reads = numbers(readableBits(object.access, client), ids);
	const writes = numbers(writableBits(object.access, client), ids);
	const calls = numbers(
		invocableBits(object.access, client),
		methods.map(({ id }) => id),
	);
	return `${classId}/${version} ${ids} R${reads} W${writes} A${calls}`;
}

function specified(object: MeterObject, client: ClientName): string | undefined {
	const rights = rightsOf(object, client);
	if (rights === undefined) return undefined;
	const text = (ids: ReadonlySet<number>): string =>
		[...ids]
			.filter((id) => id !== 0)
			.sort((a, b) => a - b)
			.join();
	const reads = new Set([...rights.reads].filter((id) => id !== 1));
	const ids = object.attributes.map(({ id }) => id);
	return `${object.classId}/${object.version} ${ids} R${text(reads)} W${text(rights.writes)} A${text(rights.methods)}`;
}

/** What of the model differs from what is specified, a line for each object of each client. */
function differences(model: (typeof models)[number], withoutOptions: readonly OptionName[]): string[] {
	const directory = new ObjectDirectory(objectIndex, model, leftOptions(model.options, withoutOptions));
	const wanted = objectsOf(model.name, withoutOptions);
	const wrong: string[] = [];
	for (const [name, index] of clients) {
		const seen = new Map<string, string>();
		for (let n = 0; n < directory.size; n++) {
			const row = directory.at(n);
			if (row !== undefined && isVisible(row.access, index))
				seen.set(formatLogicalName(row.logicalName), served(row, index));
		}
		assert.equal(directory.countVisible(index), seen.size, "each name once");
		for (const [logicalName, object] of wanted) {
			const text = notServed.has(logicalName) ? undefined : specified(object, name);
			const found = seen.get(logicalName);
			seen.delete(logicalName);
			if (found !== text) wrong.push(`${name} ${logicalName}: ${found} instead of ${text}`);
		}
		for (const logicalName of seen.keys()) wrong.push(`${name} ${logicalName}: not specified`);
	}
	return wrong;
}

describe("object list, option set by option set", () => {
	for (const model of models) {
		const switchable = (Object.keys(optionBit) as OptionName[]).filter(
			(option) => option !== "base" && (model.options & optionBit[option]) !== 0,
		);
		const sets: readonly (readonly OptionName[])[] = [[], ...switchable.map((option) => [option]), switchable];
		for (const withoutOptions of sets) {
			const what = withoutOptions.length === 0 ? "with all its options" : `without ${withoutOptions.join(", ")}`;
			it(`F01, G10, F142: ${model.name} ${what}: each client sees what the object model says, row by row`, () => {
				assert.deepEqual(differences(model, withoutOptions), []);
			});
		}
	}

	it("leaves objects out when an option is off", () => {
		for (const model of models) assert.ok(objectsOf(model.name, ["pq"]).size < objectsOf(model.name).size - 20);
	});
});
