// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { Data } from "../../support/client/axdr.js";
import { fromHex } from "../../support/client/bytes.js";
import { DlmsClient } from "../../support/client/client.js";
import { data, ref } from "../../support/client/data.js";
import { encodeDateTime, fromUnix_ms } from "../../support/client/date-time.js";
import { ProtocolError } from "../../support/client/errors.js";
import { wrapKey } from "../../support/client/general.js";
import { encodeGet, result } from "../../support/client/services.js";
import { clientSap, testKeys, testSecurity } from "../../support/client/test-client.js";
import { type Cause, call, type World, write } from "./world.js";

const calendar = ref(20, "0-0:13.0.0.255");
const clock = ref(8, "0-0:1.0.0.255");
const getClock = encodeGet({ id: 1 }, { ref: clock, attribute: 2 });
const octets = (...bytes: number[]) => data.octetString(Uint8Array.from(bytes));

/** A reader who is in, on a counter of its own. */
async function reader(world: World): Promise<DlmsClient> {
	const security = testSecurity();
	const client = await DlmsClient.connectTcp({
		clientSap: clientSap.reader,
		security,
		port: world.meter.simulator.tcp,
	});
	await client.associate();
	return client;
}

async function failToAssociate(world: World, count: number): Promise<void> {
	for (let n = 0; n < count; n++) {
		const security = testSecurity({ unicastKey: new Uint8Array(16).fill(0x5a) });
		const options = { clientSap: clientSap.technician, security, port: world.meter.simulator.optical };
		const client = await DlmsClient.connectOptical({ ...options, signOn: "direct" });
		await assert.rejects(client.associate());
		await client.close().catch(() => undefined);
	}
}

function wrapped(key: Uint8Array): Data {
	return data.array(data.structure(data.enum(0), data.octetString(wrapKey(testKeys.masterKey, key))));
}

/** What clients do, and what becomes of time, supply and memory. */
export const clientCauses: readonly Cause[] = [
	{
		name: "summer time, a clock that is set, a cell that runs out, a cut, a clock part that stops",
		codes: { 0: [1, 2, 3, 4, 5, 6, 7, 8], 8: [4, 5] },
		from: "2026-03-29T00:59:30Z",
		async provoke(world) {
			world.step(60);
			const later = encodeDateTime(fromUnix_ms(Date.parse("2026-03-29T02:00:00Z"), -120, 0x80));
			await world.set(clock, 2, data.octetString(later));
			for (const cell_mV of [2500, 2200]) {
				world.simulated.rtc.change({ cell_mV });
				world.step(70);
			}
			world.simulated.rtc.change({ cell_mV: 3000 });
			world.cutPower(10);
			world.simulated.rtc.change({ isStopped: true });
			world.step(200);
		},
	},
	{
		name: "parameters, alarm register, error object, and a load profile that is emptied",
		codes: { 0: [10, 11, 47, 254], 8: [47] },
		async provoke(world) {
			await world.set(ref(1, "1-0:0.0.0.255"), 2, data.octetString("2"));
			await world.set(ref(1, "0-0:97.98.0.255"), 2, data.doubleLongUnsigned(0));
			await world.set(ref(1, "0-0:97.97.0.255"), 2, data.doubleLongUnsigned(0));
			await world.invoke(ref(7, "1-0:99.2.0.255"), 1);
		},
	},
	{
		name: "logs that are cleared",
		codes: { 0: [255], 1: [255], 2: [255], 4: [255], 5: [255], 6: [255], 7: [255], 8: [255] },
		async provoke(world) {
			world.housing.set({ sealOpen: true });
			world.step(3);
			for (const log of [0, 2, 4, 5, 6, 8]) await world.invoke(ref(7, `0-0:99.98.${log}.255`), 1);
			await world.verify(async (client) => {
				for (const log of [1, 7]) await call(client, ref(7, `0-0:99.98.${log}.255`), 1);
			});
		},
	},
	{
		name: "the end of a billing period by command",
		codes: { 0: [21, 234] },
		provoke: (world) => world.invoke(ref(9, "0-0:10.0.1.255"), 1, data.longUnsigned(1)),
	},
	{
		name: "the seal, the test mode, and as many sealed changes as their log takes",
		codes: { 0: [57, 58, 236, 237, 238] },
		async provoke(world) {
			world.housing.set({ sealOpen: true });
			world.step(3);
			await world.verify(async (client) => {
				await call(client, ref(9, "0-0:10.0.101.255"), 1, data.longUnsigned(1));
				await call(client, ref(9, "0-0:10.0.102.255"), 1, data.longUnsigned(1));
				for (let n = 0; n < 100; n++) await write(client, ref(1, "0-0:96.1.9.255"), 2, data.octetString(`${n}`));
			});
			world.housing.set({ sealOpen: false });
			world.step(3);
		},
	},
	{
		name: "transformers of another ratio",
		model: "ST402C",
		codes: { 0: [235] },
		async provoke(world) {
			world.housing.set({ sealOpen: true });
			world.step(3);
			await world.verify((client) => write(client, ref(1, "0-0:96.52.0.255"), 2, data.enum(1)));
		},
	},
	{
		name: "a tariff that a client forces, other scripts of tariffs, and a calendar that contradicts itself",
		codes: { 0: [56, 230, 231] },
		async provoke(world) {
			await world.manage(async (client) => {
				const until = encodeDateTime(fromUnix_ms(Date.parse("2026-03-10T10:10:00Z"), 0, 0));
				const forced = data.structure(data.enum(1), data.unsigned(2), data.octetString(until), data.unsigned(1));
				await write(client, ref(1, "0-0:96.50.5.255"), 2, forced);
				const scripts = ref(9, "0-0:10.0.100.255");
				await write(client, scripts, 2, await client.read(scripts, 2));
				// a week that names a day which is not there
				const days = Array.from({ length: 7 }, () => data.unsigned(9));
				await write(client, calendar, 8, data.array(data.structure(octets(119), ...days)));
				assert.equal((await client.action(calendar, 1, data.integer(0))).result, result.otherReason);
			});
		},
	},
	{
		name: "wrong keys at the optical port, and attempts that go on while it is locked",
		codes: { 1: [46, 53], 5: [158], 7: [46] },
		provoke: (world) => failToAssociate(world, 4),
	},
	{
		name: "an optical port that is closed to everybody, and opened again",
		codes: { 1: [54, 55] },
		async provoke(world) {
			const protection = ref(124, "0-0:44.2.0.255");
			for (const mode of [0, 1]) await world.set(protection, 2, data.enum(mode));
		},
	},
	{
		name: "a clock that somebody without the right wants to adjust, three times",
		codes: { 1: [46], 7: [46, 242] },
		async provoke(world) {
			const client = await reader(world);
			for (let n = 0; n < 3; n++)
				assert.equal((await client.action(clock, 1, data.integer(0))).result, result.readWriteDenied);
			await client.close();
		},
	},
	{
		name: "requests that are altered, then right again, repeated, and far ahead",
		codes: { 1: [49, 50], 7: [49, 50, 243, 250] },
		async provoke(world) {
			const client = await reader(world);
			const session = client.association.session!;
			for (let n = 0; n < 3; n++) {
				const altered = session.protect(getClock);
				altered[altered.length - 1]! ^= 1;
				await client.sendRaw(altered);
			}
			const right = session.protect(getClock);
			session.unprotect(await client.sendRaw(right));
			await client.sendRaw(right);
			session.security.counter.next += 2 ** 21;
			await client.read(clock, 2);
			await client.close();
		},
	},
	{
		name: "an invocation counter that has come to its end",
		codes: { 7: [241] },
		async provoke(world) {
			const client = await reader(world);
			client.association.session!.security.counter.next = 0xffff_ffff;
			await client.read(clock, 2).catch((error: unknown) => assert.ok(error instanceof ProtocolError));
			await client.association.link.close();
		},
	},
	{
		name: "sessions on a remote and a local interface",
		codes: { 6: [26, 27, 28, 29] },
		async provoke(world) {
			for (const link of ["wrapper", "direct HDLC"] as const)
				await world.meter.with("reader", (client) => client.read(clock, 2), link);
		},
	},
	{
		name: "a new key, and a policy of more protection",
		codes: { 0: [48], 7: [48, 240] },
		async provoke(world) {
			await world.invoke(ref(64, "0-0:43.0.3.255"), 2, wrapped(fromHex("f0e1d2c3b4a5968778695a4b3c2d1e0f")));
			await world.invoke(ref(64, "0-0:43.0.2.255"), 1, data.enum(0x6c));
		},
	},
];
