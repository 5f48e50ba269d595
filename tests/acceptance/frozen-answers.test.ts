// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Data } from "../support/client/axdr.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, data, elementsOf, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { readInBlocks } from "../support/read-in-blocks.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const profile = ref(7, "1-0:99.2.0.255");
const calendar = ref(20, "0-0:13.0.0.255");
const quarter_ms = 900_000;
const clock_s = since2000_s(Date.UTC(2026, 2, 10, 10));

/** Reads an attribute in blocks; `between` happens after the first of them. */
function readWhile(
	client: DlmsClient,
	attribute: Parameters<typeof readInBlocks>[1],
	between: () => Promise<void>,
): Promise<Data> {
	return readInBlocks(client, attribute, async (block) => (block === 1 ? between() : undefined));
}

describe("a long answer while others change what it is about", () => {
	let meter: RunningMeter;

	before(async () => {
		meter = await RunningMeter.start("ST402D", { clock_s, speed: 0, seed: 7 });
	});
	after(() => meter.close());

	const isEmpty = (row: Data): boolean => elementsOf(row).every(({ type }) => type === "null-data");

	type Change = (client: DlmsClient, columns: readonly Data[]) => Promise<number>;
	const changes: readonly (readonly [string, Change])[] = [
		["an extra entry", async (client) => (await client.action(profile, 2, data.integer(0))).result],
		["a reset", async (client) => (await client.action(profile, 1, data.integer(0))).result],
		["fewer columns", (client, columns) => client.set(profile, 3, data.array(...columns.slice(0, 2)))],
		["another period", (client) => client.set(profile, 4, data.doubleLongUnsigned(300))],
		["fewer entries", (client) => client.set(profile, 8, data.doubleLongUnsigned(100))],
	];
	for (const [name, change] of changes) {
		it(`F104 G11: ${name}: each entry as it was, or none of its values; never another's`, async () => {
			const columns = elementsOf(
				await meter.with("management", async (client) => {
					assert.equal(await client.set(profile, 4, data.doubleLongUnsigned(900)), result.success);
					return client.read(profile, 3);
				}),
			);
			meter.simulator.pacer.step(20 * quarter_ms);
			await meter.with(
				"management",
				async (client) => {
					const before = elementsOf(await client.read(profile, 2));
					assert.ok(before.length >= 10);
					const answer = await readWhile(client, { ref: profile, attribute: 2 }, () =>
						meter.with(
							"management",
							async (other) => {
								assert.equal(await change(other, columns), result.success);
								// entries of the new kind are not taken for old ones
								for (let n = 0; n < 3; n++) await other.action(profile, 2, data.integer(0));
							},
							"direct HDLC",
						),
					);
					const rows = elementsOf(answer);
					assert.equal(rows.length, before.length);
					let kept = 0;
					for (const [n, row] of rows.entries()) {
						if (isEmpty(row)) continue;
						assert.deepEqual(row, before[n]);
						kept++;
					}
					assert.ok(kept >= 2, `${kept} entries`);
					if (name === "an extra entry") assert.equal(kept, before.length);
					for (const row of rows) assert.equal(elementsOf(row).length, columns.length);
					assert.ok(asNumber(await client.read(profile, 7)) >= 3);
				},
				"wrapper",
				{ maximumPduSize: 150 },
			);
			await meter.with("management", async (client) => {
				assert.equal(await client.set(profile, 3, data.array(...columns)), result.success);
			});
		});
	}

	it("F38 G9: a calendar that is written anew is read as it was when the reading began", async () => {
		const day = (id: number, selector: number) =>
			data.structure(
				data.unsigned(id),
				data.array(
					...[0, 6, 12, 18].map((hour) =>
						data.structure(
							data.octetString(Uint8Array.of(hour, 0, 0, 0)),
							data.octetString(Uint8Array.of(0, 0, 10, 0, 100, 255)),
							data.longUnsigned(selector),
						),
					),
				),
			);
		const days = (selector: number) => data.array(...[1, 2, 3, 4, 5, 6, 7, 8].map((id) => day(id, selector)));
		await meter.with(
			"management",
			async (client) => {
				assert.equal(await client.set(calendar, 9, days(1)), result.success);
				const answer = await readWhile(client, { ref: calendar, attribute: 9 }, () =>
					meter.with(
						"management",
						async (other) => {
							assert.equal(await other.set(calendar, 9, data.array(day(1, 2))), result.success);
						},
						"direct HDLC",
					),
				);
				assert.deepEqual(answer, days(1));
				assert.deepEqual(await client.read(calendar, 9), data.array(day(1, 2)));
			},
			"wrapper",
			{ maximumPduSize: 150 },
		);
	});
});
