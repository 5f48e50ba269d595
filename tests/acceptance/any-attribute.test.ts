// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { Writer } from "../../src/cosem/codec/writer.js";
import { models, st402d } from "../../src/models/model.js";
import type { Outlet } from "../../src/ports/outlet.js";
import { MeterBench } from "../events/meter-bench.js";
import type { DlmsClient } from "../support/client/client.js";
import { data, elementsOf, encodeLogicalName, ref } from "../support/client/data.js";
import { type CaptureObject, clockColumn, encodeCaptureObject } from "../support/client/profile.js";
import { result } from "../support/client/services.js";

const profile = ref(7, "1-0:99.1.1.255");
/** Columns behind the clock. */
const most = 32;
const monitor = ref(65, "0-0:16.2.0.255");
const mostWatched = 20;
const capturable = [1, 3, 4, 5, 8, 70, 71];

type SetColumns = (client: DlmsClient, columns: readonly CaptureObject[]) => Promise<number>;

const setColumns: SetColumns = (client, columns) =>
	client.set(profile, 3, data.array(...[clockColumn, ...columns].map(encodeCaptureObject)));

/** Those of the columns that can be set by themselves, in lists that are taken together. */
async function taken(
	client: DlmsClient,
	columns: readonly CaptureObject[],
	set: SetColumns = setColumns,
): Promise<CaptureObject[][]> {
	if (columns.length === 0) return [];
	if (columns.length <= most && (await set(client, columns)) === result.success) return [[...columns]];
	if (columns.length === 1) return [];
	const middle = columns.length > most ? most : columns.length >> 1;
	return [
		...(await taken(client, columns.slice(0, middle), set)),
		...(await taken(client, columns.slice(middle), set)),
	];
}

/** All attributes that management sees, but logical names. */
async function attributesOf(client: DlmsClient): Promise<CaptureObject[]> {
	return (await client.readObjectList()).flatMap(({ classId, logicalName, attributes }) =>
		[...attributes.keys()]
			.filter((id) => id > 1)
			.map((attribute) => ({ classId, logicalName, attribute, dataIndex: 0 })),
	);
}

describe("whatever attribute a client has the meter read by itself", () => {
	for (const model of models) {
		it(`F96 F101 G5: ${model.name}: in a profile: the meter starts with it, captures it at once, and at its first boundary`, async () => {
			const bench = new MeterBench({ model, rtc_s: 826_000_000 });
			bench.run(5);
			const lists = await bench.with(async (client) => {
				const candidates = (await attributesOf(client)).filter(({ classId }) => capturable.includes(classId));
				return taken(client, candidates);
			});
			const count = lists.reduce((sum, list) => sum + list.length, 0);
			assert.ok(count > 300, `${count}`);
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

		it(`G5: ${model.name}: watched by the parameter monitor: the meter starts with it`, async () => {
			const bench = new MeterBench({ model, rtc_s: 826_000_000 });
			bench.run(5);
			const watched = ({ classId, logicalName, attribute }: CaptureObject) =>
				data.structure(
					data.longUnsigned(classId),
					data.octetString(encodeLogicalName(logicalName)),
					data.integer(attribute),
				);
			const { always, more } = await bench.with(async (client) => {
				const factory = elementsOf(await client.read(monitor, 4));
				const list = [];
				for (const attribute of await attributesOf(client)) {
					const code = await client.set(monitor, 4, data.array(...factory, watched(attribute)));
					if (code === result.success) list.push(watched(attribute));
				}
				return { always: factory, more: list };
			});
			assert.ok(more.length > 50, `${more.length}`);
			const room = mostWatched - always.length;
			for (let at = 0; at < more.length; at += room) {
				const list = data.array(...always, ...more.slice(at, at + room));
				await bench.with(async (client) => assert.equal(await client.set(monitor, 4, list), result.success));
				bench.cutPower(1);
				await bench.with(async (client) => {
					assert.deepEqual(await client.read(monitor, 4), list);
					assert.equal(elementsOf(await client.read(monitor, 8)).length, elementsOf(list).length);
				});
			}
		});
	}

	it("F52 F53: on the glass and in the data readout: what has no text there is left out, or empty", async () => {
		const bench = new MeterBench({ model: st402d, rtc_s: 826_000_000 });
		bench.run(5);
		const setLists: SetColumns = async (client, columns) => {
			const list = data.array(...columns.map(encodeCaptureObject));
			const code = await client.set(ref(7, "0-0:21.0.0.255"), 3, list);
			return code === result.success ? client.set(ref(7, "0-0:21.0.1.255"), 3, list) : code;
		};
		const { simulated } = bench;
		const readout = simulated.meter.createReadout();
		const codes = new Set<string>();
		const addresses = new Set<string>();
		const line = new Writer(200);
		const count = await bench.with(async (client) => {
			const lists = await taken(client, await attributesOf(client), setLists);
			for (const list of lists) {
				assert.equal(await setLists(client, list), result.success);
				for (let n = 0; n <= list.length; n++) {
					bench.run(12);
					codes.add(simulated.picture.code);
				}
				const lines = readout.begin();
				assert.equal(lines, list.length);
				for (let n = 0; n < lines; n++) {
					line.reset();
					readout.writeLine(line, n);
					const text = Buffer.from(line.bytes.subarray(0, line.position)).toString("latin1");
					assert.match(text, /^[0-9A-F.:-]+\([^()]{0,32}\)(\([^()]*\))?$/);
					addresses.add(text.slice(0, text.indexOf("(")));
				}
			}
			return lists.reduce((sum, list) => sum + list.length, 0);
		});
		assert.ok(count > 1000, `${count}`);
		assert.ok(codes.size > 200, `${codes.size} codes`);
		assert.ok(addresses.size > 500, `${addresses.size} addresses`);
	});

	it("F78 G5: pushed: the message goes out with it, or with null-data in its place", async () => {
		let sent = 0;
		const outlet: Outlet = {
			address: 0x7f00_0001,
			send(message, listener) {
				sent++;
				queueMicrotask(() => listener.messageSent(message.number, true));
			},
		};
		const bench = new MeterBench({ model: st402d, rtc_s: 826_000_000, outlet });
		bench.run(5);
		const push = ref(40, "0-0:25.9.0.255");
		const elementOf = ({ classId, logicalName, attribute }: CaptureObject) =>
			data.structure(
				data.longUnsigned(classId),
				data.octetString(encodeLogicalName(logicalName)),
				data.integer(attribute),
				data.longUnsigned(0),
				data.structure(data.enum(0), data.nullData()),
				data.array(),
			);
		const setList: SetColumns = (client, columns) => client.set(push, 2, data.array(...columns.map(elementOf)));
		await bench.with(async (client) => {
			const destination = data.structure(data.enum(0), data.octetString("127.0.0.1:4000"), data.enum(0));
			assert.equal(await client.set(push, 3, destination), result.success);
			const lists = await taken(client, await attributesOf(client), setList);
			assert.ok(lists.reduce((sum, list) => sum + list.length, 0) > 1500);
			for (const [n, list] of lists.entries()) {
				assert.equal(await setList(client, list), result.success);
				assert.equal((await client.action(push, 1, data.integer(0))).result, result.success);
				bench.run(1);
				await Promise.resolve();
				assert.equal(sent, n + 1);
			}
		});
	});
});
