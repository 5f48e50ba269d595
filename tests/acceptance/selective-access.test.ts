// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { models, st402d } from "../../src/models/model.js";
import { MeterBench } from "../events/meter-bench.js";
import { data, elementsOf, ref } from "../support/client/data.js";
import { encodeDateTime, fromUnix_ms } from "../support/client/date-time.js";
import { accessBit } from "../support/client/object-list.js";
import { byEntry, byRange, clockColumn } from "../support/client/profile.js";
import { result, type Selection } from "../support/client/services.js";

const profileClass = 7;
const buffer = 2;
const display = "0-0:21.0.1.255";
const rtc_s = 826_000_000;
const now_ms = Date.UTC(2000, 0, 1) + rtc_s * 1000;
const at = (unix_ms: number) => fromUnix_ms(unix_ms, 0, 0xff);
const hour_ms = 3_600_000;

describe("selective access to the profiles", () => {
	for (const model of models) {
		it(`F104: ${model.name}: every profile takes ranges by clock and entries, and gives the same rows and columns either way`, async () => {
			const bench = new MeterBench({ model, rtc_s });
			bench.run(2000);
			await bench.with(async (client) => {
				const profiles = (await client.readObjectList()).filter(({ classId }) => classId === profileClass);
				assert.ok(profiles.length > 20);
				for (const profile of profiles) {
					const rows = async (selection?: Selection) =>
						elementsOf(await client.read(profile, buffer, selection)).map((row) => elementsOf(row));
					const all = await rows();
					const { logicalName } = profile;
					// what a list shows of this moment may be of the next second already
					assert.equal((await rows(byEntry(1, 0))).length, all.length, logicalName);
					assert.equal((await rows(byRange(at(now_ms), at(now_ms + hour_ms)))).length, all.length, logicalName);
					assert.equal((await rows(byRange(at(now_ms - hour_ms), at(now_ms - 1000)))).length, 0, logicalName);
					for (const row of await rows(byEntry(1, 0, 2, 2))) assert.equal(row.length, 1, logicalName);
					for (const selector of [0, 3]) {
						const { result: code } = await client.get(profile, buffer, { selector, parameters: data.nullData() });
						assert.equal(code, result.scopeOfAccessViolated, logicalName);
					}
				}
			});
		});
	}

	it("an attribute that publishes no selector takes none, whatever is selected", async () => {
		const bench = new MeterBench({ model: st402d, rtc_s });
		bench.run(5);
		await bench.with(async (client) => {
			const selection = { selector: 1, parameters: data.nullData() };
			for (const object of await client.readObjectList()) {
				for (const [attribute, mode] of object.attributes) {
					if ((mode & accessBit.read) === 0 || object.selectors.has(attribute)) continue;
					const { result: code } = await client.get(object, attribute, selection);
					assert.equal(code, result.scopeOfAccessViolated, `${object.logicalName} attribute ${attribute}`);
				}
			}
		});
	});

	it("F104: of a list that is read live the columns asked for, and no others", async () => {
		const bench = new MeterBench({ rtc_s });
		bench.run(5);
		await bench.with(async (client) => {
			const list = ref(profileClass, display);
			const energy = { classId: 3, logicalName: "1-0:1.8.0.255", attribute: 2, dataIndex: 0 };
			const whole = { from: at(now_ms), to: at(now_ms + hour_ms) };
			const read = async (selection: Selection) => (await client.get(list, buffer, selection)) as { result: number };
			const found = await client.read(list, buffer, byRange(whole.from, whole.to, [energy]));
			assert.deepEqual(found, data.array(data.structure(data.doubleLongUnsigned(0))));
			const foreign = { ...energy, logicalName: "1-0:3.8.0.255" };
			assert.equal((await read(byRange(whole.from, whole.to, [foreign]))).result, result.scopeOfAccessViolated);
			assert.equal((await read(byEntry(0, 0))).result, result.otherReason);
			assert.equal((await read(byEntry(1, 1, 99, 0))).result, result.otherReason);
			assert.deepEqual(await client.read(list, buffer, byEntry(2, 2)), data.array());
			const restricted = data.structure(
				data.structure(
					data.longUnsigned(3),
					data.octetString(Uint8Array.of(1, 0, 1, 8, 0, 255)),
					data.integer(2),
					data.longUnsigned(0),
				),
				data.octetString(encodeDateTime(whole.from)),
				data.octetString(encodeDateTime(whole.to)),
				data.array(),
			);
			assert.equal((await read({ selector: 1, parameters: restricted })).result, result.scopeOfAccessViolated);
			assert.equal((await read({ selector: 1, parameters: data.array() })).result, result.typeUnmatched);
			assert.deepEqual(
				elementsOf(await client.read(list, buffer, byRange(whole.from, whole.to, [clockColumn]))).length,
				1,
			);
		});
	});
});
