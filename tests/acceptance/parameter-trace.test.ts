// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { decodeDateTime, toUnix_ms } from "../support/client/date-time.js";
import { accessBit } from "../support/client/object-list.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";

const counter = ref(1, "0-0:96.2.0.255");
const lastChange = ref(1, "0-0:96.2.1.255");
const protectedCounter = ref(1, "0-0:96.2.10.255");
const lastProtectedChange = ref(1, "0-0:96.2.11.255");
const portProtection = ref(124, "0-0:44.2.0.255");
const parametersChanged = 47;
/** Clock, associations, security: they have events of their own. Push setups are sent to when they are written. */
const apart: readonly number[] = [8, 15, 64];
/** What is cleared there is no parameter; events 10 and 11 tell it. */
const cleared = /^0-0:97\.9(7\.0|8\.([0-2]|2[0-2]))\.255$/;

describe("trace of parameters, from outside", () => {
	const told = async (client: DlmsClient) => {
		const { rows } = await client.readProfile("0-0:99.98.0.255");
		return rows.filter((row) => asNumber(row[1]!) === parametersChanged).length;
	};

	it("G4: each attribute that management may write counts one change and leaves event 47, once for each request; a refused one leaves nothing", async () => {
		const meter = await RunningMeter.start("ST402D", { speed: 0, clock_s: 820_000_000, seed: 3 });
		try {
			meter.simulator.pacer.step(2000);
			await meter.with("management", async (client) => {
				const first = await told(client);
				const untold: string[] = [];
				let count = asNumber(await client.read(counter, 2));
				let tried = 0;
				for (const listed of await client.readObjectList()) {
					if (apart.includes(listed.classId) || cleared.test(listed.logicalName)) continue;
					for (const [id, mode] of listed.attributes) {
						if ((mode & accessBit.write) === 0 || (mode & accessBit.read) === 0) continue;
						const code = await client.set(listed, id, await client.read(listed, id));
						const now = asNumber(await client.read(counter, 2));
						if (code !== result.success || now !== count + 1)
							untold.push(`${listed.logicalName} ${id}: ${code}, ${now - count}`);
						count = now;
						// of a flood the log keeps the first ones and the last (F108)
						if (++tried === 150) assert.equal(await told(client), first + tried);
					}
				}
				assert.deepEqual(untold, []);
				assert.ok(tried > 200, `${tried}`);
				const changed_ms = toUnix_ms(decodeDateTime(asOctets(await client.read(lastChange, 2))));
				const now_ms = toUnix_ms(decodeDateTime(asOctets(await client.read(ref(8, "0-0:1.0.0.255"), 2))));
				assert.ok(now_ms - changed_ms <= 1000);
			});
			meter.simulator.pacer.step(2 * 3_600_000);
			await meter.with("management", async (client) => {
				const [events, count] = [await told(client), asNumber(await client.read(counter, 2))];
				const limit = ref(3, "1-0:0.9.11.255");
				assert.equal(await client.set(limit, 2, data.longUnsigned(61)), result.otherReason);
				assert.equal(await client.set(limit, 2, data.octetString(Uint8Array.of(1))), result.typeUnmatched);
				assert.equal(await client.set(ref(3, "1-0:1.8.0.255"), 2, data.doubleLongUnsigned(0)), result.readWriteDenied);
				assert.deepEqual([await told(client), asNumber(await client.read(counter, 2))], [events, count]);
				const special = ref(11, "0-0:11.0.0.255");
				const christmas = data.structure(
					data.longUnsigned(1),
					data.octetString(Uint8Array.of(0xff, 0xff, 12, 25, 0xff)),
					data.unsigned(1),
				);
				assert.equal((await client.action(special, 1, christmas)).result, result.success);
				assert.equal(elementsOf(await client.read(special, 2)).length, 1);
				assert.deepEqual([await told(client), asNumber(await client.read(counter, 2))], [events + 1, count + 1]);
			});
		} finally {
			await meter.close();
		}
	}).timeout(60_000);

	it("G4: what guards the meter counts as a protected parameter too, with its date: titles, suite, secrets, users, ports", async () => {
		const meter = await RunningMeter.start("ST402D", { speed: 0, clock_s: 820_000_000, seed: 3 });
		try {
			await meter.with("management", async (client) => {
				const reader = ref(64, "0-0:43.0.3.255");
				const association = ref(15, "0-0:40.0.4.255");
				const user = data.structure(data.unsigned(7), data.visibleString("seven"));
				const counts = async () => [
					asNumber(await client.read(counter, 2)),
					asNumber(await client.read(protectedCounter, 2)),
					toUnix_ms(decodeDateTime(asOctets(await client.read(lastProtectedChange, 2)))),
				];
				const done: (() => Promise<number>)[] = [
					async () => client.set(reader, 4, await client.read(reader, 4)),
					async () => client.set(reader, 3, await client.read(reader, 3)),
					() => client.set(association, 7, data.octetString(new Uint8Array(16).fill(9))),
					async () => (await client.action(association, 5, user)).result,
					async () => (await client.action(association, 6, user)).result,
					async () => client.set(portProtection, 2, await client.read(portProtection, 2)),
				];
				for (const [index, change] of done.entries()) {
					meter.simulator.pacer.step(1000);
					assert.equal(await change(), result.success, `${index}`);
					const now_ms = toUnix_ms(decodeDateTime(asOctets(await client.read(ref(8, "0-0:1.0.0.255"), 2))));
					assert.deepEqual(await counts(), [index + 1, index + 1, now_ms], `${index}`);
				}
				assert.equal(await client.set(ref(3, "1-0:0.9.11.255"), 2, data.longUnsigned(8)), result.success);
				assert.deepEqual((await counts()).slice(0, 2), [done.length + 1, done.length]);
			});
		} finally {
			await meter.close();
		}
	}).timeout(60_000);
});
