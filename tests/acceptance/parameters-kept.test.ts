// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { type ModelDescriptor, st402c, st402d } from "../../src/models/model.js";
import { flashLayout } from "../../src/storage/layout.js";
import { MeterBench } from "../events/meter-bench.js";
import { type Data, encodeData } from "../support/client/axdr.js";
import { fromHex, toHex } from "../support/client/bytes.js";
import type { DlmsClient } from "../support/client/client.js";
import { data } from "../support/client/data.js";
import { accessBit, type ListedObject } from "../support/client/object-list.js";
import { result } from "../support/client/services.js";

const octets = (hex: string) => data.octetString(fromHex(hex));

/** Numbers that one parameter or another takes. */
const numbers = [0, 1, 2, 3, 5, 0x10, 0x83, 300, 600, 1800, 3600, 5000] as const;
const highest: { readonly [type: string]: number } = { unsigned: 0xff, integer: 0x7f, enum: 0xff };
const strings = ["41", "4142", "3132333435363738"].map(octets);
const times = ["07ea031dff020000ff8000ff", "07eb0310ff0a000000ffc400"].map(octets);
const anyDate = octets("ffffffffff");
const firstScript = data.longUnsigned(1);

/** Elements for arrays that are empty as from the factory: groups, times, special days, windows, calendars, schedules. */
const elements: readonly Data[] = [
	data.longUnsigned(3),
	data.doubleLongUnsigned(0xe000_0001),
	data.structure(octets("00050000"), anyDate),
	data.structure(octets("00050000"), octets("07ea0c19ff")),
	data.structure(firstScript, octets("07ea0c19ff"), data.unsigned(1)),
	data.structure(octets("ffffffffff0a000000ffc4ff"), octets("ffffffffff0b000000ffc4ff")),
	data.structure(octets("31"), octets("ffff0101ff000000008000ff"), octets("31")),
	data.structure(octets("31"), ...Array.from({ length: 7 }, () => data.unsigned(1))),
	...["00000a006aff", "00000a0067ff"].map((table) =>
		data.structure(data.unsigned(1), data.array(data.structure(octets("00000000"), octets(table), firstScript))),
	),
	data.structure(
		firstScript,
		data.boolean(true),
		octets("00000a0064ff"),
		firstScript,
		octets("06000000"),
		data.longUnsigned(0),
		data.bitString("1111111"),
		data.bitString(""),
		octets("ffff0101ff"),
		octets("ffff0c1fff"),
	),
];

/** Values of the same kind that a parameter may take instead of `value`. */
function* others(value: Data): Generator<Data> {
	if (value.type === "boolean") yield data.boolean(!value.value);
	else if (typeof value.value === "number") {
		const { type, value: number } = value;
		for (const other of [number - 1, number + 1, ...numbers])
			if (other !== number && other >= 0 && other <= (highest[type] ?? 0x7fff)) yield { type, value: other } as Data;
	} else if (value.type === "bit-string") {
		for (let n = 0; n < value.value.length; n++)
			yield data.bitString(`${value.value.slice(0, n)}${1 - Number(value.value[n])}${value.value.slice(n + 1)}`);
	} else if (value.type === "octet-string") yield* value.value.length === 12 ? times : strings;
	else if (value.type === "structure" || value.type === "array") {
		const parts = value.value;
		if (value.type === "array") yield* elements.map((element) => data.array(element));
		if (value.type === "array" && parts.length > 0) yield data.array(...parts.slice(0, -1));
		for (const [n, part] of parts.slice(0, 7).entries())
			for (const other of others(part))
				yield { type: value.type, value: parts.map((kept, place) => (place === n ? other : kept)) };
	}
}

const clockClass = 8;
/** Classes whose attributes say who may ask, and how. */
const apart: readonly number[] = [15, 64];

/** What management may write and read but the time itself. */
function parametersOf(list: readonly ListedObject[]): (readonly [ListedObject, number])[] {
	return list
		.filter(({ classId }) => !apart.includes(classId))
		.flatMap((object) =>
			[...object.attributes]
				.filter(
					([id, mode]) => mode === (accessBit.read | accessBit.write) && !(object.classId === clockClass && id === 2),
				)
				.map(([id]) => [object, id] as const),
		);
}

/** Gives the attribute another value. @returns whether one was found */
async function change(client: DlmsClient, object: ListedObject, id: number): Promise<boolean> {
	const before = await client.read(object, id);
	for (const other of others(before)) {
		if ((await client.set(object, id, other)) !== result.success) continue;
		if (toHex(encodeData(await client.read(object, id))) !== toHex(encodeData(before))) return true;
	}
	return false;
}

async function valuesOf(client: DlmsClient, parameters: ReturnType<typeof parametersOf>): Promise<string[]> {
	const values: string[] = [];
	for (const [object, id] of parameters)
		values.push(`${object.logicalName} ${id}: ${toHex(encodeData(await client.read(object, id)))}`);
	return values;
}

/** Alarm registers and descriptors 2 say themselves that the supply was away. */
const tellsOfRestart = /^0-0:97\.98\.(1|21)\./;

describe("what a client has written", () => {
	for (const model of [st402d, st402c] satisfies ModelDescriptor[]) {
		it(`G5: ${model.name}: each parameter that was given another value has it after a restart without warning`, async () => {
			const flash = new MemoryFlash(flashLayout("desktop").sectorCount);
			const bench = new MeterBench({ model, flash, rtc_s: 826_000_000 });
			bench.run(5);
			let changed = 0;
			const [parameters, written] = await bench.with(async (client) => {
				const all = parametersOf(await client.readObjectList());
				for (const [object, id] of all) if (await change(client, object, id)) changed++;
				return [all, await valuesOf(client, all)] as const;
			});
			assert.ok(changed > 270, `${changed} of ${parameters.length}`);
			const restarted = new MeterBench({ model, flash, rtc_s: 826_000_600, before: bench });
			restarted.run(5);
			const kept = await restarted.with((client) => valuesOf(client, parameters));
			assert.deepEqual(
				kept.filter((text, n) => text !== written[n] && !tellsOfRestart.test(text)),
				[],
			);
		});
	}
});
