// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Data, encodeData } from "../support/client/axdr.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, decodeLogicalName, elementsOf, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { type ModelName, modelNames, objectsOf, rightsOf } from "../support/specified-meter.js";

const monitor = ref(65, "0-0:16.2.0.255");
const log = "0-0:99.16.0.255";
const led = ref(3, "1-0:0.3.0.255");
const deviceId2 = ref(1, "0-0:96.1.1.255");
const deviceId6 = ref(1, "0-0:96.1.5.255");
const add = 1;
const remove = 2;
const none = data.structure(
	data.longUnsigned(0),
	data.octetString(new Uint8Array(6)),
	data.integer(0),
	data.nullData(),
);

/** An element of parameter_list as the client writes it. */
function parameter(classId: number, name: string, attribute = 2): Data {
	const octets = Uint8Array.from(name.split(/[-:.]/).map(Number));
	return data.structure(data.longUnsigned(classId), data.octetString(octets), data.integer(attribute));
}

describe("parameter monitor and its log, from outside", () => {
	let meter: RunningMeter;
	afterEach(() => meter.close());

	const start = async (model: ModelName = "ST402D"): Promise<void> => {
		meter = await RunningMeter.start(model, { speed: 0 });
		meter.simulator.pacer.step(3000);
	};
	const setSeal = (sealOpen: boolean) => {
		meter.simulator.simulated.housing.set({ sealOpen });
		meter.simulator.pacer.step(2000);
	};
	const manage = <Value>(use: (client: DlmsClient) => Promise<Value>) => meter.with("management", use);
	const verify = <Value>(use: (client: DlmsClient) => Promise<Value>) => meter.with("metrology", use, "direct HDLC");
	const list = async (client: DlmsClient) =>
		elementsOf(await client.read(monitor, 4)).map((element) => {
			const [classId, name, attribute] = elementsOf(element, 3);
			return `${asNumber(classId!)} ${decodeLogicalName(asOctets(name!))} ${asNumber(attribute!)}`;
		});
	/** Name and value of each row. */
	const logged = async (client: DlmsClient) => {
		const { rows, columns } = await client.readProfile(log);
		assert.deepEqual(
			columns.map(({ logicalName }) => logicalName),
			["0-0:1.0.0.255", "0-0:16.2.0.255"],
		);
		return rows.map((row) => {
			const [, name, , value] = elementsOf(row[1]!, 4);
			return [decodeLogicalName(asOctets(name!)), value!] as const;
		});
	};
	const restart = () => {
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.restorePower();
		meter.simulator.pacer.step(5000);
	};

	for (const model of modelNames) {
		it(`F146, F165: ${model} watches every parameter that the metrology client can set, as from the factory`, async () => {
			await start(model);
			const sealed = [...objectsOf(model)]
				.filter(([, object]) => object.classId !== 15 && rightsOf(object, "metrology")?.writes.has(2))
				.map(([name, { classId }]) => `${classId} ${name} 2`);
			await manage(async (client) => {
				assert.deepEqual((await list(client)).sort(), sealed.sort());
				assert.deepEqual(await client.read(monitor, 2), none);
				assert.deepEqual(
					asOctets(await client.read(monitor, 3)).subarray(0, 5),
					Uint8Array.of(255, 255, 255, 255, 255),
				);
				const values = elementsOf(await client.read(monitor, 8));
				const own: Data[] = [];
				for (const text of await list(client)) {
					const [classId, name] = text.split(" ");
					own.push(await client.read(ref(Number(classId), name!), 2));
				}
				assert.deepEqual(values, own, "in the order of the list");
				assert.deepEqual(await logged(client), []);
			});
		});
	}

	it("F146: a change of a sealed parameter has its row, a refused one has none; who and when are in the logs", async () => {
		await start();
		setSeal(true);
		await verify(async (client) => {
			assert.equal(await client.set(led, 2, data.doubleLongUnsigned(999)), result.otherReason);
			assert.equal(await client.set(led, 2, data.doubleLongUnsigned(500)), result.success);
			assert.equal(await client.set(led, 2, data.doubleLongUnsigned(500)), result.success, "nothing changes");
			assert.equal(await client.set(deviceId6, 2, data.octetString("a")), result.success);
		});
		await manage(async (client) => {
			assert.equal(await client.set(led, 2, data.doubleLongUnsigned(1000)), result.readWriteDenied);
			assert.equal(await client.set(deviceId2, 2, data.octetString("not watched")), result.success);
			assert.deepEqual(await logged(client), [
				["1-0:0.3.0.255", data.doubleLongUnsigned(500)],
				["0-0:96.1.5.255", data.octetString("a")],
			]);
			const changed = elementsOf(await client.read(monitor, 2), 4);
			assert.equal(decodeLogicalName(asOctets(changed[1]!)), "0-0:96.1.5.255");
			const { rows } = await client.readProfile(log);
			assert.deepEqual(await client.read(monitor, 3), rows[1]![0], "the time of the newest row");
			const { rows: configured } = await client.readProfile("0-0:99.98.8.255");
			const contexts = configured.map((row) => Buffer.from(asOctets(row[2]!)).toString("hex"));
			// optical port, metrology client, class 3, the LED constant, attribute 2
			assert.ok(
				contexts.some((context) => /^02..00030100000300ff02$/.test(context)),
				contexts.join(),
			);
		});
		restart();
		await manage(async (client) => assert.equal((await logged(client)).length, 2, "no row for what was known"));
	});

	it("F142, F146: the list takes further parameters, gives up none of the sealed ones, and survives a cut", async () => {
		await start();
		await manage(async (client) => {
			const count = (await list(client)).length;
			const act = async (method: number, value: Data) => (await client.action(monitor, method, value)).result;
			assert.equal(await act(add, parameter(1, "0-0:96.1.1.255")), result.success);
			assert.equal(await act(add, parameter(1, "0-0:96.1.1.255")), result.otherReason, "twice");
			for (const wrong of [
				parameter(3, "1-0:1.8.0.255"), // no parameter
				parameter(8, "0-0:1.0.0.255"), // the time itself
				parameter(1, "0-0:97.98.0.255"), // an alarm register
				parameter(1, "0-0:96.1.1.255", 3),
				parameter(3, "0-0:96.1.2.255"), // another class
				parameter(1, "0-0:96.99.1.255"),
				parameter(7, "1-0:99.1.0.255", 3), // a long one
			])
				assert.equal(await act(add, wrong), result.otherReason);
			assert.equal(await act(add, data.integer(0)), result.typeUnmatched);
			assert.equal(await act(remove, parameter(3, "1-0:0.3.0.255")), result.otherReason, "sealed");
			assert.equal(await act(remove, parameter(1, "0-0:96.1.2.255")), result.otherReason, "not in the list");
			assert.equal(await client.set(monitor, 4, data.array()), result.otherReason);
			const whole = await client.read(monitor, 4);
			const longer = data.array(
				...elementsOf(whole),
				...Array.from({ length: 20 }, (_, n) => parameter(1, `0-0:96.1.${n}.255`)),
			);
			assert.equal(await client.set(monitor, 4, longer), result.otherReason, "too many");
			assert.deepEqual(await client.read(monitor, 4), whole);
			assert.equal(await client.set(monitor, 5, data.octetString("of the utility")), result.success);
			assert.equal(await client.set(monitor, 5, data.octetString("x".repeat(33))), result.otherReason);
			assert.equal(await client.set(deviceId2, 2, data.octetString("first")), result.success);
			assert.equal((await list(client)).length, count + 1);
		});
		restart();
		await manage(async (client) => {
			assert.equal(Buffer.from(asOctets(await client.read(monitor, 5))).toString(), "of the utility");
			assert.equal(await client.set(deviceId2, 2, data.octetString("second")), result.success);
			assert.deepEqual(await logged(client), [
				["0-0:96.1.1.255", data.octetString("first")],
				["0-0:96.1.1.255", data.octetString("second")],
			]);
			assert.equal((await client.action(monitor, remove, parameter(1, "0-0:96.1.1.255"))).result, result.success);
			assert.equal(await client.set(deviceId2, 2, data.octetString("third")), result.success);
			assert.equal((await logged(client)).length, 2);
		});
	});

	it("F146: the digest is the hash of the values as they are on the wire", async () => {
		await start();
		await manage(async (client) => {
			const digest = async () => Buffer.from(asOctets(await client.read(monitor, 7)));
			const hashed = async (hash: string) =>
				createHash(hash)
					.update(encodeData(await client.read(monitor, 8)))
					.digest();
			assert.equal(asNumber(await client.read(monitor, 6)), 1);
			const before = await digest();
			assert.deepEqual(before, await hashed("sha256"));
			assert.equal((await client.action(monitor, add, parameter(1, "0-0:96.1.1.255"))).result, result.success);
			const longer = await digest();
			assert.notDeepEqual(longer, before);
			assert.equal(await client.set(deviceId2, 2, data.octetString("x")), result.success);
			assert.notDeepEqual(await digest(), longer);
			assert.deepEqual(await digest(), await hashed("sha256"));
			assert.equal(await client.set(monitor, 6, data.enum(2)), result.success);
			assert.deepEqual(await digest(), await hashed("sha384"));
			assert.equal(await client.set(monitor, 6, data.enum(0)), result.success);
			assert.equal((await digest()).length, 0);
			assert.equal(await client.set(monitor, 6, data.enum(3)), result.otherReason);
			assert.equal(asNumber(await client.read(monitor, 6)), 0);
		});
	});

	it("F113, F142: the log holds the newest 100, and only the metrology client with the seal open forgets it", async () => {
		await start();
		const reset = data.integer(0);
		await manage(async (client) => {
			assert.equal((await client.action(monitor, add, parameter(1, "0-0:96.1.1.255"))).result, result.success);
			for (let n = 1; n <= 103; n++) {
				assert.equal(await client.set(deviceId2, 2, data.octetString(`value ${n}`)), result.success);
			}
			const rows = await logged(client);
			assert.equal(rows.length, 100);
			assert.deepEqual([rows[0]![1], rows[99]![1]], [data.octetString("value 4"), data.octetString("value 103")]);
			assert.equal((await client.action(ref(7, log), 1, reset)).result, result.readWriteDenied);
		});
		setSeal(true);
		await verify(async (client) => {
			assert.equal((await client.action(ref(7, log), 1, reset)).result, result.success);
		});
		await manage(async (client) => {
			assert.deepEqual(await logged(client), []);
			assert.deepEqual(await client.read(monitor, 2), none);
			const { rows } = await client.readProfile("0-0:99.98.0.255");
			assert.equal(asNumber(rows[rows.length - 1]![1]!), 254);
			assert.equal(await client.set(deviceId2, 2, data.octetString("value 104")), result.success);
			assert.deepEqual(await logged(client), [["0-0:96.1.1.255", data.octetString("value 104")]]);
		});
	});
});
