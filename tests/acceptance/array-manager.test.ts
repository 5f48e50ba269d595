// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Data } from "../support/client/axdr.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { type LinkName, RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";
import type { ClientName } from "../support/specified-meter.js";

const manager = ref(123, "0-0:18.0.0.255");
const loadProfile = "1-0:99.1.0.255";
const auditLog = "0-0:99.16.0.255";
const deviceId = ref(1, "0-0:96.1.1.255");
const method = { number: 1, retrieve: 2, insert: 3, update: 4, remove: 5 };
const quarter_ms = 900_000;
const quarters = 40;
/** Between two tests it is so long before the next row. */
const before_ms = 5000;

interface ManagedArray {
	readonly id: number;
	readonly classId: number;
	readonly name: string;
	readonly attribute: number;
}

const entries = (id: number, from: number, to: number) =>
	data.structure(data.unsigned(id), data.structure(data.longUnsigned(from), data.longUnsigned(to)));
const entry = (id: number, index: number, value: Data) =>
	data.structure(data.unsigned(id), data.structure(data.longUnsigned(index), value));

async function arraysOf(client: DlmsClient): Promise<ManagedArray[]> {
	return elementsOf(await client.read(manager, 2)).map((element) => {
		const [id, definition] = elementsOf(element);
		const [classId, name, attribute] = elementsOf(definition!);
		const octets = asOctets(name!);
		return {
			id: asNumber(id!),
			classId: asNumber(classId!),
			name: `${octets[0]}-${octets[1]}:${octets.subarray(2).join(".")}`,
			attribute: asNumber(attribute!),
		};
	});
}

/** Entries of an array by method 2. */
async function retrieve(client: DlmsClient, id: number, from: number, to: number): Promise<readonly Data[]> {
	const answer = await client.action(manager, method.retrieve, entries(id, from, to));
	assert.equal(answer.result, result.success);
	return elementsOf(answer.data!);
}

const retrievalResult = async (client: DlmsClient, id: number, from: number, to: number) =>
	(await client.action(manager, method.retrieve, entries(id, from, to))).result;

const wholeOf = async (client: DlmsClient, { name }: ManagedArray) => elementsOf(await client.read(ref(7, name), 2));

describe("array manager", () => {
	let meter: RunningMeter;

	before(async () => {
		const clock_s = since2000_s("2026-03-10T10:00:00Z");
		meter = await RunningMeter.start("ST402D", { clock_s, speed: 0, seed: 7 });
		meter.simulator.pacer.step(quarters * quarter_ms - before_ms);
		// some events of the standard log
		await meter.with("management", async (client) => {
			for (const text of ["a", "b", "c"])
				assert.equal(await client.set(deviceId, 2, data.octetString(Buffer.from(text))), result.success);
		});
	});
	after(() => meter.close());

	const management = <Value>(use: (client: DlmsClient) => Promise<Value>) => meter.with("management", use);

	it("F163: lists load profile 1 and each log that the meter has, each once", async () => {
		await management(async (client) => {
			const arrays = await arraysOf(client);
			assert.equal(new Set(arrays.map(({ id }) => id)).size, arrays.length);
			for (const { classId, attribute } of arrays) assert.deepEqual([classId, attribute], [7, 2]);
			const logs = (await client.readObjectList())
				.filter(({ classId, logicalName }) => classId === 7 && /^.-0:99\.(98|97|99|16|10)\./.test(logicalName))
				.map(({ logicalName }) => logicalName);
			assert.deepEqual(arrays.map(({ name }) => name).sort(), [loadProfile, ...logs].sort());
			assert.ok(logs.length >= 12);
		});
	});

	it("F163: tells the number of entries of each array, and gives them in parts as a GET gives them whole", async () => {
		await management(async (client) => {
			let rows = 0;
			for (const array of await arraysOf(client)) {
				const whole = await wholeOf(client, array);
				const number = await client.action(manager, method.number, data.unsigned(array.id));
				assert.deepEqual(number.data, data.doubleLongUnsigned(whole.length), array.name);
				const parts: Data[] = [];
				for (let from = 1; from <= whole.length; from += 7)
					parts.push(...(await retrieve(client, array.id, from, from + 6)));
				assert.deepEqual(parts, whole, array.name);
				rows += parts.length;
			}
			assert.ok(rows > quarters + 5, `${rows} rows`);
		});
	});

	const links: readonly (readonly [LinkName, number])[] = [
		["wrapper", 64],
		["wrapper", 1024],
		["direct HDLC", 128],
		["RS485", 128],
	];
	for (const [link, maximumPduSize] of links) {
		it(`F163: gives the load profile in blocks of at most ${maximumPduSize} octets over ${link}, rows captured meanwhile not among them`, async () => {
			await meter.with(
				"management",
				async (client) => {
					const [array] = await arraysOf(client);
					assert.equal(array!.name, loadProfile);
					const whole = await wholeOf(client, array!);
					const sizes: number[] = [];
					client.association.trace = (direction, apdu) => {
						if (direction !== "received") return;
						sizes.push(apdu.length);
						if (sizes.length === 2) meter.simulator.pacer.step(2 * before_ms);
					};
					assert.deepEqual(await retrieve(client, array!.id, 1, 0xffff), whole);
					assert.ok(sizes.length > 1, `${sizes.length} answers`);
					assert.ok(Math.max(...sizes) <= maximumPduSize, `${Math.max(...sizes)} octets`);
					assert.equal((await retrieve(client, array!.id, 1, 0xffff)).length, whole.length + 1);
				},
				link,
				{ maximumPduSize },
			);
			meter.simulator.pacer.step(quarter_ms - 2 * before_ms);
		});
	}

	it("G1: entries beyond the end are none; a range of nothing and a number that stands for nothing are refused", async () => {
		await management(async (client) => {
			const [array] = await arraysOf(client);
			const whole = await wholeOf(client, array!);
			const { id } = array!;
			assert.deepEqual(await retrieve(client, id, whole.length, 0xffff), whole.slice(-1));
			assert.deepEqual(await retrieve(client, id, 3, 3), whole.slice(2, 3));
			assert.deepEqual(await retrieve(client, id, whole.length + 1, 0xffff), []);
			assert.equal(await retrievalResult(client, id, 0, 5), result.otherReason);
			assert.equal(await retrievalResult(client, id, 5, 4), result.otherReason);
			assert.equal(await retrievalResult(client, id, 1, 0), result.otherReason);
			for (const unknown of [0, 200]) {
				assert.equal(await retrievalResult(client, unknown, 1, 1), result.otherReason);
				const number = await client.action(manager, method.number, data.unsigned(unknown));
				assert.equal(number.result, result.otherReason);
			}
		});
	});

	it("G1: parameters of another type do not match", async () => {
		await management(async (client) => {
			const wrong: readonly (readonly [number, Data])[] = [
				[method.number, data.longUnsigned(1)],
				[method.retrieve, data.unsigned(1)],
				[method.retrieve, data.structure(data.unsigned(1), data.longUnsigned(1))],
				[method.retrieve, data.structure(data.unsigned(1), data.structure(data.unsigned(1), data.unsigned(1)))],
				[method.insert, data.structure(data.unsigned(1))],
				[method.update, data.structure(data.unsigned(1), data.longUnsigned(1))],
				[method.remove, entry(1, 1, data.nullData())],
			];
			for (const [number, parameter] of wrong)
				assert.equal(
					(await client.action(manager, number, parameter)).result,
					result.typeUnmatched,
					`method ${number}`,
				);
		});
	});

	it("G2: nobody inserts, changes or removes what was measured or logged", async () => {
		await management(async (client) => {
			for (const array of await arraysOf(client)) {
				const before = await wholeOf(client, array);
				const some = before[0] ?? data.structure();
				for (const [number, parameter] of [
					[method.insert, entry(array.id, 1, some)],
					[method.update, entry(array.id, 1, some)],
					[method.remove, entries(array.id, 1, 0xffff)],
				] as const) {
					const { result: answer } = await client.action(manager, number, parameter);
					assert.equal(answer, result.readWriteDenied, `${array.name} method ${number}`);
				}
				assert.deepEqual(await wholeOf(client, array), before, array.name);
			}
			const { result: unknown } = await client.action(manager, method.remove, entries(200, 1, 1));
			assert.equal(unknown, result.otherReason);
		});
	});

	it("SEC-deputy: others read the list of what they may read, and call nothing", async () => {
		for (const [client, link] of [
			["reader", "wrapper"],
			["technician", "direct HDLC"],
		] as readonly (readonly [ClientName, LinkName])[]) {
			await meter.with(
				client,
				async (opened) => {
					const names = (await arraysOf(opened)).map(({ name }) => name);
					assert.ok(names.includes(loadProfile));
					assert.equal(names.includes(auditLog), client === "technician", client);
					for (const number of Object.values(method)) {
						const answer = await opened.action(manager, number, entries(1, 1, 1));
						assert.equal(answer.result, result.readWriteDenied, `${client} method ${number}`);
					}
				},
				link,
			);
		}
		await meter.with("public", async (opened) => {
			assert.equal((await opened.get(manager, 2)).result, result.objectUndefined);
		});
	});

	it("SEC-wear: reading by it takes nothing of what a client may change in a day", async () => {
		await management(async (client) => {
			for (let n = 0; n < 1100; n++)
				assert.equal((await client.action(manager, method.number, data.unsigned(1))).result, result.success);
			assert.equal(await client.set(deviceId, 2, data.octetString(Buffer.from("d"))), result.success);
		});
	});
});
