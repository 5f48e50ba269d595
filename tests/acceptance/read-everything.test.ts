// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { models, type OptionName, optionBit } from "../../src/models/model.js";
import type { Data } from "../support/client/axdr.js";
import { toHex } from "../support/client/bytes.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, decodeLogicalName, elementsOf } from "../support/client/data.js";
import { accessBit, type ListedObject } from "../support/client/object-list.js";
import { result } from "../support/client/services.js";
import { mismatch, unitCodes } from "../support/data-type.js";
import { notServed } from "../support/object-model.js";
import { type LinkName, RunningMeter } from "../support/running-meter.js";
import {
	type ClientName,
	type MeterObject,
	type ModelName,
	modelNames,
	objectsOf,
	rightsOf,
	scalerOf,
} from "../support/specified-meter.js";

const usualAccesses: readonly (readonly [ClientName, LinkName])[] = [
	["public", "wrapper"],
	["management", "wrapper"],
	["reader", "wrapper"],
	["public", "mode E"],
	["management", "mode E"],
	["technician", "mode E"],
	["public", "direct HDLC"],
	["management", "direct HDLC"],
	["consumer", "direct HDLC"],
	["metrology", "mode E"],
];

/** Reads every attribute of `object` that is listed as readable; what is wrong with them. */
async function readAll(
	client: DlmsClient,
	model: ModelName,
	listed: ListedObject,
	specified: MeterObject,
): Promise<string[]> {
	const wrong: string[] = [];
	for (const [id, mode] of listed.attributes) {
		if ((mode & accessBit.read) === 0) continue;
		const name = `${listed.logicalName} attribute ${id}`;
		const { result: code, data } = await client.get(listed, id);
		if (data === undefined) wrong.push(`${name}: result ${code}`);
		else if (id === 1) {
			if (decodeLogicalName(asOctets(data)) !== listed.logicalName) wrong.push(`${name}: ${toHex(asOctets(data))}`);
		} else wrong.push(...checkValue(model, specified, id, data).map((reason) => `${name}: ${reason}`));
	}
	return wrong;
}

function checkValue(model: ModelName, specified: MeterObject, id: number, data: Data): string[] {
	const attribute = specified.attributes.find((candidate) => candidate.id === id);
	if (attribute === undefined) return ["no such attribute"];
	if (attribute.isSecret && !isEmpty(data)) return ["a secret is not empty"];
	const reason = attribute.isSecret ? undefined : mismatch(attribute.type, data);
	if (reason !== undefined) return [reason];
	if (attribute.scaler === undefined || attribute.unit === undefined) return [];
	const [scaler, unit] = elementsOf(data, 2).map(asNumber);
	const wanted = scalerOf(model, attribute.scaler);
	if (wanted === undefined) return [];
	if (scaler === wanted && unit === unitCodes[attribute.unit]) return [];
	return [`scaler ${scaler}, unit ${unit} instead of ${wanted}, ${unitCodes[attribute.unit]}`];
}

function isEmpty({ value }: Data): boolean {
	return value instanceof Uint8Array || Array.isArray(value) ? value.length === 0 : !value;
}

/** Listed rights as text, to be compared with the specified ones. */
function listedRights(listed: ListedObject): object {
	const granted = (modes: ReadonlyMap<number, number>, bit: number) =>
		[...modes].filter(([, mode]) => (mode & bit) !== 0).map(([id]) => id);
	return {
		version: listed.version,
		attributes: [...listed.attributes.keys()].sort((a, b) => a - b),
		reads: granted(listed.attributes, accessBit.read).sort((a, b) => a - b),
		writes: granted(listed.attributes, accessBit.write).sort((a, b) => a - b),
		methods: granted(listed.methods, accessBit.invoke).sort((a, b) => a - b),
		otherBits: [...listed.attributes.values()].some((mode) => mode > 3),
	};
}

function specifiedRights(object: MeterObject, client: ClientName): object | undefined {
	const rights = rightsOf(object, client);
	if (rights === undefined) return undefined;
	const sorted = (ids: ReadonlySet<number>) => [...ids].sort((a, b) => a - b);
	return {
		version: object.version,
		attributes: [1, ...object.attributes.map(({ id }) => id)],
		reads: sorted(rights.reads),
		writes: sorted(rights.writes),
		methods: sorted(rights.methods),
		otherBits: false,
	};
}

const energyCodes = new Set([unitCodes["Wh"], unitCodes["varh"], unitCodes["VAh"]]);

function isEnergy(object: MeterObject): boolean {
	return object.attributes.some(({ unit }) => unit !== undefined && energyCodes.has(unitCodes[unit]!));
}

/** Every option that can be left out of the model. */
function optionsOf(model: ModelName): readonly OptionName[] {
	const { options } = models.find(({ name }) => name === model)!;
	return (Object.keys(optionBit) as OptionName[]).filter(
		(option) => option !== "base" && (options & optionBit[option]) !== 0,
	);
}

/** Each model as it is delivered, read in every way, and with nothing but what all of them have. */
const meters = modelNames.flatMap((model) => [
	{ model, withoutOptions: [], accesses: usualAccesses, what: model as string },
	{
		model,
		withoutOptions: optionsOf(model),
		accesses: usualAccesses.filter(([, link]) => link === "wrapper"),
		what: `${model} without options`,
	},
]);

for (const { model, withoutOptions, accesses, what } of meters) {
	describe(`the object model of a running ${what}`, () => {
		const specified = objectsOf(model, withoutOptions);
		let meter: RunningMeter;
		before(async () => {
			meter = await RunningMeter.start(model, { withoutOptions });
			meter.simulator.simulated.housing.set({ sealOpen: true });
			meter.simulator.pacer.step(2000);
		});
		after(() => meter.close());

		it("F01, F163, F164, G10: serves what the model is specified to have, but for the objects named as not served", async () => {
			const listed = await meter.with("management", (client) => client.readObjectList());
			const served = new Set(listed.map(({ logicalName }) => logicalName));
			assert.equal(served.size, listed.length, "each logical name once");
			assert.deepEqual(
				[...served].filter((name) => !specified.has(name)),
				[],
				"served but not specified for this model",
			);
			assert.deepEqual(
				[...served].filter((name) => notServed.has(name)),
				[],
				"served, so take it out of docs/objects-not-served.txt",
			);
			assert.deepEqual(
				[...specified.keys()].filter((name) => !served.has(name) && !notServed.has(name)),
				[],
				"neither served nor in docs/objects-not-served.txt",
			);
		});

		for (const [client, link] of accesses) {
			it(`F142, F163, G14: ${client} client over ${link} reads every attribute; types, scalers and rights as specified`, async () => {
				await meter.with(
					client,
					async (opened) => {
						const listed = await opened.readObjectList();
						const wrong: string[] = [];
						for (const object of listed) {
							const row = specified.get(object.logicalName);
							if (row === undefined || row.classId !== object.classId) {
								wrong.push(`${object.logicalName} class ${object.classId} is not specified`);
								continue;
							}
							wrong.push(...(await readAll(opened, model, object, row)));
							const granted = JSON.stringify(listedRights(object));
							const wanted = JSON.stringify(specifiedRights(row, client));
							if (granted !== wanted) wrong.push(`${object.logicalName}: ${granted} instead of ${wanted}`);
						}
						assert.deepEqual(wrong, []);
						const names = new Set(listed.map(({ logicalName }) => logicalName));
						const seen = [...specified.values()].filter((object) => rightsOf(object, client) !== undefined);
						assert.deepEqual(
							seen.map(({ logicalName }) => logicalName).filter((name) => !names.has(name) && !notServed.has(name)),
							[],
						);
					},
					link,
				);
			});
		}

		it("F142, F163: a public client sees no energy", async () => {
			const energies = [...specified.values()].filter(isEnergy);
			assert.ok(energies.length > 100);
			await meter.with("public", async (client) => {
				for (const object of energies) {
					const { result: code } = await client.get(object, 2);
					assert.equal(code, result.objectUndefined, object.logicalName);
				}
			});
		});
	});
}

describe("the list of objects that are not served", () => {
	it("G10: names objects that some model is specified to have, once each", () => {
		const specified = new Set(modelNames.flatMap((model) => [...objectsOf(model).keys()]));
		assert.deepEqual(
			[...notServed].filter((name) => !specified.has(name)),
			[],
		);
	});
});
