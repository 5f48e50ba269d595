// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Application } from "../../src/cosem/application.js";
import type { SigningPorts } from "../../src/cosem/bridges/entry-signature.js";
import { certificateEntity, certificateType } from "../../src/cosem/security/certificate-store.js";
import { mechanism } from "../support/client/association.js";
import { encodeData } from "../support/client/axdr.js";
import { concat } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, encodeLogicalName, ref } from "../support/client/data.js";
import { type CaptureObject, clockColumn, encodeCaptureObject } from "../support/client/profile.js";
import { type ClientKeys, isSigned, readClientKeys, signatureProof } from "../support/client/public-keys.js";
import { result } from "../support/client/services.js";
import { clientSap, testKeys, testSecurity } from "../support/client/test-client.js";
import { RunningMeter } from "../support/running-meter.js";
import { since2000_s } from "../support/since-2000.js";

const signatureName = "0-0:96.16.0.255";
const loadProfile = "1-0:99.1.0.255";
const billingProfile = "0-0:98.1.0.255";
const setup = ref(64, "0-0:43.0.1.255");
const removeCertificate = 8;
const capture = 2;
const column = (classId: number, logicalName: string): CaptureObject => ({
	classId,
	logicalName,
	attribute: 2,
	dataIndex: 0,
});
const signature = column(1, signatureName);
const status = column(1, "0-0:96.10.1.255");
const energies = [column(3, "1-0:1.8.0.255"), column(3, "1-0:2.8.0.255")];
const list = (...columns: readonly CaptureObject[]) => data.array(...columns.map(encodeCaptureObject));
const quarter_ms = 900_000;
const clock_s = since2000_s("2026-03-10T09:59:30Z");
const twice = (key: Uint8Array): Uint8Array => concat(key, key);

for (const suite of [1, 2] as const) {
	describe(`signatures of profile entries in suite ${suite}`, () => {
		let folder: string;
		let meter: RunningMeter;
		let keys: ClientKeys;
		let title: Uint8Array;
		const security = testSecurity({
			control: 0x30 + suite,
			...(suite === 1
				? {}
				: { unicastKey: twice(testKeys.unicastKey), authenticationKey: twice(testKeys.authenticationKey) }),
		});

		async function start(): Promise<void> {
			meter = await RunningMeter.start("ST402D", { suite, data: folder, seed: 7, clock_s, speed: 0 });
			keys = readClientKeys(folder, suite);
			title = meter.simulator.simulated.meter.application.identity.systemTitle;
		}

		before(async () => {
			folder = mkdtempSync(join(tmpdir(), "sx402-signatures-"));
			await start();
		});
		after(async () => {
			await meter.close();
			rmSync(folder, { recursive: true });
		});

		async function management<Value>(use: (client: DlmsClient) => Promise<Value>): Promise<Value> {
			const options = { mechanism: mechanism.highEcdsa, proof: signatureProof(keys), security };
			const client = await DlmsClient.connectTcp({
				...options,
				clientSap: clientSap.management,
				port: meter.simulator.tcp,
			});
			await client.associate();
			try {
				return await use(client);
			} finally {
				await client.close();
			}
		}

		/** As on a board that was provisioned without the certificate. */
		function loseCertificate(): void {
			const application = meter.simulator.simulated.meter.application as Application & SigningPorts;
			const { certificates } = application.security.publicKeys(suite, application, application);
			const { server } = certificateEntity;
			certificates.remove(certificates.find(server, certificateType.digitalSignature, undefined));
		}

		const step = (duration_ms: number) => meter.simulator.pacer.step(duration_ms);
		const newest = (client: DlmsClient) => client.read(ref(1, signatureName), 2).then(asOctets);
		const rowsOf = async (client: DlmsClient, name: string) =>
			elementsOf(await client.read(ref(7, name), 2)).map((row) => elementsOf(row));

		/** Whether the last column of a row is the meter's signature of the others, as anyone can tell who has its certificate. */
		function isGenuine(name: string, row: Awaited<ReturnType<typeof rowsOf>>[number]): boolean {
			const columns = concat(...row.slice(0, -1).map(encodeData));
			const message = concat(encodeLogicalName(signatureName), title, encodeLogicalName(name), columns);
			return isSigned(keys.serverSignature, suite, message, asOctets(row.at(-1)!));
		}

		it("F143: none is made as from the factory", async () => {
			step(60_000);
			await management(async (client) => {
				for (const name of [loadProfile, billingProfile]) {
					const columns = elementsOf(await client.read(ref(7, name), 3)).map((entry) =>
						asOctets(elementsOf(entry)[1]!),
					);
					assert.ok(!columns.some((octets) => Buffer.from(octets).equals(encodeLogicalName(signatureName))));
				}
				assert.equal((await newest(client)).length, 0);
			});
		});

		it("F96: it is captured as the last column, once, and nowhere else; a refused list changes nothing", async () => {
			await management(async (client) => {
				const profile = ref(7, loadProfile);
				const before = await client.read(profile, 3);
				for (const wrong of [
					list(clockColumn, signature, ...energies),
					list(clockColumn, ...energies, signature, signature),
				])
					assert.equal(await client.set(profile, 3, wrong), result.otherReason);
				assert.deepEqual(await client.read(profile, 3), before);
				assert.equal(await client.set(profile, 3, list(clockColumn, status, ...energies, signature)), result.success);
				assert.equal((await newest(client)).length, 0, "no entry yet");
			});
		});

		it("F143: each entry of the load profile carries the meter's signature of what stands before it", async () => {
			step(3 * quarter_ms);
			await management(async (client) => {
				assert.equal((await client.action(ref(7, loadProfile), capture, data.integer(0))).result, result.success);
				const rows = await rowsOf(client, loadProfile);
				assert.equal(rows.length, 4);
				for (const row of rows) {
					assert.equal(asOctets(row.at(-1)!).length, suite === 1 ? 64 : 96);
					assert.ok(isGenuine(loadProfile, row));
					assert.ok(!isGenuine("1-0:99.1.1.255", row), "of this profile alone");
					const [clock, state, energy, ...rest] = row;
					const more = data.doubleLongUnsigned(asNumber(energy!) + 1);
					assert.ok(!isGenuine(loadProfile, [clock!, state!, more, ...rest]), "of these values alone");
				}
				assert.deepEqual(await newest(client), asOctets(rows.at(-1)!.at(-1)!));
			});
		});

		it("F143: a billing entry is signed as well, and the newest signature is there after a restart", async () => {
			const last = await management(async (client) => {
				const columns = list(clockColumn, ...energies, signature);
				assert.equal(await client.set(ref(7, billingProfile), 3, columns), result.success);
				step(2000);
				assert.equal((await client.action(ref(7, billingProfile), capture, data.integer(0))).result, result.success);
				const [row] = await rowsOf(client, billingProfile);
				assert.ok(isGenuine(billingProfile, row!));
				return asOctets(row!.at(-1)!);
			});
			await meter.close();
			await start();
			await management(async (client) => assert.deepEqual(await newest(client), last));
		});

		it("F103: without a certificate of its key the meter captures all the same, and signs nothing", async () => {
			await management(async (client) => {
				const own = data.structure(data.enum(0), data.structure(data.enum(0), data.enum(0), data.octetString(title)));
				assert.equal(
					(await client.action(setup, removeCertificate, own)).result,
					result.otherReason,
					"no client's to do",
				);
				loseCertificate();
				assert.equal((await client.action(ref(7, loadProfile), capture, data.integer(0))).result, result.success);
				const row = (await rowsOf(client, loadProfile)).at(-1)!;
				assert.equal(asOctets(row.at(-1)!).length, 0);
				assert.equal(row.length, 5);
				const again = list(clockColumn, ...energies, signature);
				assert.equal(await client.set(ref(7, "1-0:99.1.1.255"), 3, again), result.otherReason);
			});
		});
	});
}

describe("signatures of profile entries in suite 0", () => {
	it("F96: a meter without signatures does not capture them; their object is empty", async () => {
		const meter = await RunningMeter.start("SM402D", { clock_s, speed: 0 });
		try {
			await meter.with("management", async (client) => {
				const columns = list(clockColumn, ...energies, signature);
				assert.equal(await client.set(ref(7, loadProfile), 3, columns), result.otherReason);
				assert.equal(asOctets(await client.read(ref(1, signatureName), 2)).length, 0);
			});
		} finally {
			await meter.close();
		}
	});
});
