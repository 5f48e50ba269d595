// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { models } from "../../src/models/model.js";
import { MeterBench } from "../events/meter-bench.js";
import type { DlmsClient } from "../support/client/client.js";
import { data, elementsOf, ref } from "../support/client/data.js";
import { type CaptureObject, clockColumn, encodeCaptureObject } from "../support/client/profile.js";
import { result } from "../support/client/services.js";

const profile = ref(7, "1-0:99.1.1.255");
/** Columns behind the clock. */
const most = 32;
const capturable = [1, 3, 4, 5, 8, 70, 71];

function setColumns(client: DlmsClient, columns: readonly CaptureObject[]): Promise<number> {
	return client.set(profile, 3, data.array(...[clockColumn, ...columns].map(encodeCaptureObject)));
}

/** Those of the columns that the profile takes by themselves, in lists that it takes together. */
async function taken(client: DlmsClient, columns: readonly CaptureObject[]): Promise<CaptureObject[][]> {
	if (columns.length === 0) return [];
	if (columns.length <= most && (await setColumns(client, columns)) === result.success) return [[...columns]];
	if (columns.length === 1) return [];
	const middle = columns.length > most ? most : columns.length >> 1;
	return [...(await taken(client, columns.slice(0, middle))), ...(await taken(client, columns.slice(middle)))];
}

describe("whatever a profile captures", () => {
	for (const model of models) {
		it(`F96 F101 G5: ${model.name}: the meter starts with it, captures it at once, and at its first boundary`, async () => {
			const bench = new MeterBench({ model, rtc_s: 826_000_000 });
			bench.run(5);
			const candidates: CaptureObject[] = [];
			const lists = await bench.with(async (client) => {
				for (const { classId, logicalName, attributes } of await client.readObjectList()) {
					if (!capturable.includes(classId)) continue;
					for (const [id] of attributes)
						if (id > 1) candidates.push({ classId, logicalName, attribute: id, dataIndex: 0 });
				}
				return taken(client, candidates);
			});
			const count = lists.reduce((sum, list) => sum + list.length, 0);
			assert.ok(count > 300, `${count} of ${candidates.length}`);
			for (const list of lists) {
				await bench.with(async (client) => {
					assert.equal(await setColumns(client, list), result.success);
					assert.equal(await client.set(profile, 4, data.doubleLongUnsigned(300)), result.success);
				});
				bench.cutPower(1);
				await bench.with(async (client) => {
					assert.equal((await client.action(profile, 2, data.integer(0))).result, result.success);
				});
				bench.run(300);
				await bench.with(async (client) => {
					const rows = elementsOf(await client.read(profile, 2)).map((row) => elementsOf(row, list.length + 1));
					assert.equal(rows.length, 2);
					for (const [n, column] of list.entries()) {
						const value = await client.read(column, column.attribute);
						const type = rows[1]![n + 1]!.type;
						if (value.type !== "null-data") assert.equal(type, value.type, JSON.stringify(column));
					}
				});
			}
		});
	}
});
