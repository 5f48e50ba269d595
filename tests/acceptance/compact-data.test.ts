// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type Data, decodeData, encodeData } from "../support/client/axdr.js";
import { concat } from "../support/client/bytes.js";
import type { DlmsClient } from "../support/client/client.js";
import {
	asNumber,
	asOctets,
	data,
	elementsOf,
	encodeLogicalName,
	type ObjectRef,
	ref,
} from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";

/** The household draws energy: nothing comes from its roof. */
const winterEvening_s = (Date.UTC(2026, 0, 12, 18) - Date.UTC(2000, 0, 1)) / 1000;
const billing = ref(62, "0-0:66.0.0.255");
const diagnostics = ref(62, "0-0:66.0.1.255");
const energy = ref(3, "1-0:1.8.0.255");
const clock = ref(8, "0-0:1.0.0.255");

function element(
	{ classId, logicalName }: ObjectRef,
	attribute: number,
	restriction = data.structure(data.enum(0), data.nullData()),
): Data {
	return data.structure(
		data.longUnsigned(classId),
		data.octetString(encodeLogicalName(logicalName)),
		data.integer(attribute),
		data.longUnsigned(0),
		restriction,
	);
}

/** Values of a buffer, put together again with the tags of its template. */
function unpack(buffer: Uint8Array, description: Uint8Array): readonly Data[] {
	assert.equal(description[0], 2, "structure");
	assert.equal(description[1], description.length - 2);
	const parts: Uint8Array[] = [Uint8Array.of(2, description.length - 2)];
	let at = 0;
	for (const tag of description.subarray(2)) {
		const size = new Map([
			[6, 4],
			[17, 1],
			[18, 2],
			[9, 1 + buffer[at]!],
		]).get(tag);
		assert.ok(size !== undefined, `type ${tag}`);
		parts.push(Uint8Array.of(tag), buffer.subarray(at, at + size));
		at += size;
	}
	assert.equal(at, buffer.length);
	return elementsOf(decodeData(concat(...parts)));
}

describe("compact data", () => {
	let meter: RunningMeter;
	beforeEach(async () => {
		meter = await RunningMeter.start("ST402D", { speed: 0, clock_s: winterEvening_s });
		meter.simulator.pacer.step(60_000);
	});
	afterEach(() => meter.close());

	const read = async (client: DlmsClient, object: ObjectRef): Promise<readonly Data[]> =>
		unpack(asOctets(await client.read(object, 2)), asOctets(await client.read(object, 5)));

	it("F163: gives the values of its capture objects without their types, the template_id in front", async () => {
		await meter.with("management", async (client) => {
			for (const [object, id] of [
				[billing, 1],
				[diagnostics, 2],
			] as const) {
				const listed = elementsOf(await client.read(object, 3)).map((entry) => elementsOf(entry, 5));
				const values = await read(client, object);
				assert.deepEqual(values[0], data.unsigned(id));
				assert.equal(values.length, listed.length);
				for (const [n, [classId, name, attribute]] of listed.entries()) {
					const [a, b, c, d, e, f] = asOctets(name!);
					const source = ref(asNumber(classId!), `${a}-${b}:${c}.${d}.${e}.${f}`);
					assert.deepEqual(values[n], await client.read(source, asNumber(attribute!)), source.logicalName);
				}
			}
		});
	});

	it("F163: follows the values, or keeps what the method captured, also over a restart", async () => {
		const before = await meter.with("management", async (client) => {
			assert.equal(await client.set(billing, 6, data.enum(0)), result.success);
			assert.deepEqual(await client.read(billing, 2), data.octetString(""));
			assert.equal((await client.action(billing, 2, data.integer(0))).result, result.success);
			return read(client, billing);
		});
		meter.simulator.pacer.step(1_800_000);
		meter.simulator.simulated.cutPower();
		meter.simulator.simulated.restorePower();
		meter.simulator.pacer.step(2000);
		await meter.with("management", async (client) => {
			assert.deepEqual(await read(client, billing), before);
			assert.ok(asNumber(await client.read(energy, 2)) > asNumber(before[2]!));
			assert.equal((await client.action(billing, 1, data.integer(0))).result, result.success);
			assert.deepEqual(await client.read(billing, 2), data.octetString(""));
			assert.equal(await client.set(billing, 6, data.enum(1)), result.success);
			assert.ok(asNumber((await read(client, billing))[2]!) > asNumber(before[2]!));
		});
	});

	it("F163: another list has another template, and begins with it", async () => {
		await meter.with("management", async (client) => {
			const wanted = data.array(element(billing, 4), element(clock, 4), element(energy, 2));
			assert.equal(await client.set(billing, 3, wanted), result.success);
			assert.deepEqual(await client.read(billing, 3), wanted);
			assert.deepEqual(await client.read(billing, 4), data.unsigned(2));
			assert.deepEqual(
				(await read(client, billing)).map(({ type }) => type),
				["unsigned", "unsigned", "double-long-unsigned"],
			);
			assert.equal(await client.set(billing, 4, data.unsigned(77)), result.success);
			assert.deepEqual((await read(client, billing))[0], data.unsigned(77));
		});
	});

	it("G3, SEC-deputy: refuses lists that it cannot hold, and changes nothing", async () => {
		await meter.with("management", async (client) => {
			const before = encodeData(await client.read(billing, 3));
			const byDate = data.structure(data.enum(1), data.structure(data.octetString(""), data.octetString("")));
			for (const wrong of [
				data.array(element(energy, 2)),
				data.array(element(billing, 4)),
				data.array(element(diagnostics, 4), element(energy, 2)),
				data.array(element(billing, 4), element(energy, 3)),
				data.array(element(billing, 4), element(energy, 9)),
				data.array(element(billing, 4), element(ref(15, "0-0:40.0.0.255"), 2)),
				data.array(element(billing, 4), element(ref(3, "1-0:99.99.99.255"), 2)),
				data.array(element(billing, 4), element(energy, 2, byDate)),
				data.array(element(billing, 4), ...Array.from({ length: 40 }, () => element(energy, 2))),
				// a message has up to 1024 octets, and eleven identifiers of 48 are more than the buffer
				data.array(element(billing, 4), element(ref(1, "0-0:96.13.0.255"), 2)),
				data.array(element(billing, 4), ...Array.from({ length: 11 }, () => element(ref(1, "0-0:96.1.1.255"), 2))),
			])
				assert.equal(await client.set(billing, 3, wrong), result.otherReason);
			assert.equal(await client.set(billing, 3, data.array(data.unsigned(1))), result.typeUnmatched);
			assert.equal(await client.set(billing, 6, data.enum(2)), result.otherReason);
			assert.deepEqual(encodeData(await client.read(billing, 3)), before);
			assert.deepEqual(await client.read(billing, 4), data.unsigned(1));
		});
	});
});
