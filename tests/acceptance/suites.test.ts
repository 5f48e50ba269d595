// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issue, testClientTitle } from "../../hosts/simulator/factory/certificates.js";
import { mechanism } from "../support/client/association.js";
import type { Data } from "../support/client/axdr.js";
import { concat, fromAscii, toHex } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { AssociationRefusedError } from "../support/client/errors.js";
import {
	type ClientKeys,
	derive,
	Ephemeral,
	hashProof,
	isSigned,
	pointOf,
	readClientKeys,
	sha256Proof,
	signAs,
	signatureProof,
} from "../support/client/public-keys.js";
import { clientSap, clientTitle, lowLevelPassword, testKeys, testSecurity } from "../support/client/test-client.js";
import { RunningMeter } from "../support/running-meter.js";
import { WatchedSecrets } from "../support/watched-secrets.js";

const setup = ref(64, "0-0:43.0.1.255");
const energy = ref(3, "1-0:1.8.0.255");
const secret = fromAscii("1234567812345678");
const method = { keyAgreement: 3, generateKeyPair: 4, generateRequest: 5, import: 6, export: 7, remove: 8 };
const byEntity = (entity: number, type: number, title: Uint8Array): Data =>
	data.structure(data.enum(0), data.structure(data.enum(entity), data.enum(type), data.octetString(title)));
const twice = (key: Uint8Array): Uint8Array => concat(key, key);
const refusedWith = (diagnostic: number) => (error: unknown) =>
	error instanceof AssociationRefusedError && error.response.diagnostic === diagnostic;

for (const suite of [1, 2] as const) {
	describe(`suite ${suite}`, () => {
		let folder: string;
		let meter: RunningMeter;
		let secrets: WatchedSecrets;
		let keys: ClientKeys;
		let title: Uint8Array;
		let caKey: Uint8Array;
		const security = testSecurity({
			control: 0x30 + suite,
			...(suite === 1
				? {}
				: { unicastKey: twice(testKeys.unicastKey), authenticationKey: twice(testKeys.authenticationKey) }),
		});

		before(async () => {
			folder = mkdtempSync(join(tmpdir(), "sx402-suites-"));
			meter = await RunningMeter.start("ST402D", { suite, data: folder, seed: 7, clock_s: 800_000_000, speed: 0 });
			meter.simulator.simulated.runTo(1000);
			secrets = new WatchedSecrets();
			keys = readClientKeys(folder, suite);
			title = meter.simulator.simulated.meter.application.identity.systemTitle;
			const ca = createPrivateKey(readFileSync(join(folder, "certificates", "ca-key.pem")));
			caKey = Uint8Array.from(Buffer.from(ca.export({ format: "jwk" }).d as string, "base64url"));
		});

		after(async () => {
			secrets.stop();
			await meter.close();
			rmSync(folder, { recursive: true });
		});

		async function open(given: Partial<Parameters<typeof DlmsClient.connectTcp>[0]> = {}): Promise<DlmsClient> {
			const client = await DlmsClient.connectTcp({
				clientSap: clientSap.management,
				mechanism: mechanism.highEcdsa,
				proof: signatureProof(keys),
				security,
				port: meter.simulator.tcp,
				...given,
			});
			try {
				await client.associate();
				return client;
			} catch (error) {
				await client.close().catch(() => undefined);
				throw error;
			}
		}

		/** Waits out the lock of the management client after failures that were wanted. */
		const forgive = (): void => meter.simulator.simulated.runTo(meter.simulator.simulated.monotonic_ms() + 400_000);

		it(`F142 F143: management authenticates by ECDSA and reads the energy in suite ${suite}`, async () => {
			assert.deepEqual(clientTitle, testClientTitle);
			const client = await open();
			assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			assert.equal(asNumber(await client.read(setup, 3)), suite);
			assert.deepEqual(
				elementsOf(await client.read(ref(15, "0-0:40.0.0.255"), 6))
					.map(asNumber)
					.at(-1),
				7,
			);
			await client.release();
			await client.close();
		});

		it("SEC-down: takes no other mechanism and no other suite from a client that signs", async () => {
			const gmac = open({ mechanism: mechanism.highGmac, proof: undefined });
			await assert.rejects(gmac, refusedWith(11));
			await assert.rejects(open({ security: { ...security, control: 0x30 } }), refusedWith(13));
			forgive();
		});

		it("SEC-curve F142: refuses a signature by another key, and the right one over other challenges", async () => {
			const proof = signatureProof(keys);
			const wrong = signatureProof({ ...keys, signing: keys.agreeing });
			await assert.rejects(open({ proof: wrong }));
			forgive();
			await assert.rejects(open({ proof: { ...proof, answer: (c) => proof.answer({ ...c, server: c.client }) } }));
			forgive();
			await (await open()).close();
		});

		it("SEC-chal: takes a challenge of 8 to 64 octets of a client that signs, its own has 32", async () => {
			for (const length of [7, 65]) {
				await assert.rejects(open({ challenge: new Uint8Array(length).fill(9) }), refusedWith(13));
				forgive();
			}
			for (const length of [8, 16, 64]) {
				const client = await open({ challenge: new Uint8Array(length).fill(length) });
				await client.release();
				await client.close();
			}
		});

		it("F143: lists its certificates; OpenSSL finds them issued by the test authority", async () => {
			const client = await open();
			const listed = elementsOf(await client.read(setup, 6)).map((entry) => elementsOf(entry, 6));
			assert.deepEqual(
				listed.map((entry) => entry.slice(0, 2).map(asNumber)),
				[
					[2, 3],
					[0, 0],
					[0, 1],
					[1, 0],
					[1, 1],
				],
			);
			for (const [entity, type, of] of [
				[0, 0, title],
				[0, 1, title],
				[1, 0, clientTitle],
				[1, 1, clientTitle],
			] as const) {
				const { result, data: exported } = await client.action(setup, method.export, byEntity(entity, type, of));
				assert.equal(result, 0);
				const certificate = new X509Certificate(asOctets(exported!));
				assert.ok(certificate.verify(keys.ca.publicKey));
				assert.ok(certificate.checkIssued(keys.ca));
				assert.equal(certificate.subject, `CN=${toHex(of).toUpperCase()}`);
				const [, , serial, issuer] = listed.find((e) => asNumber(e[0]!) === entity && asNumber(e[1]!) === type)!;
				assert.equal(toHex(asOctets(serial!)).toUpperCase(), certificate.serialNumber);
				const bySerial = data.structure(data.enum(1), data.structure(serial!, issuer!));
				const again = await client.action(setup, method.export, bySerial);
				assert.deepEqual(asOctets(again.data!), asOctets(exported!));
			}
			assert.equal((await client.action(setup, method.export, byEntity(1, 0, title))).result, 250);
			await client.close();
		});

		it("F144: renews its signature key: pair, request that OpenSSL verifies, certificate, removal of nothing else", async () => {
			const client = await open();
			const changes = async () => asNumber(await client.read(ref(1, "0-0:96.2.10.255"), 2));
			const before = await changes();
			assert.equal((await client.action(setup, method.generateKeyPair, data.enum(0))).result, 0);
			assert.equal(await changes(), before + 1);
			const { data: request } = await client.action(setup, method.generateRequest, data.enum(0));
			const der = join(folder, "request.der");
			writeFileSync(der, asOctets(request!));
			const text = execFileSync(
				"openssl",
				["req", "-inform", "DER", "-in", der, "-verify", "-noout", "-subject", "-pubkey"],
				{
					encoding: "utf8",
					stdio: ["ignore", "pipe", "pipe"],
				},
			);
			assert.match(text, new RegExp(`CN ?= ?${toHex(title).toUpperCase()}`));
			const spki = /-----BEGIN PUBLIC KEY-----[\s\S]*-----END PUBLIC KEY-----/.exec(text)![0];
			const publicKey = createPublicKey(spki);
			const order = {
				serial: 77,
				subject: toHex(title).toUpperCase(),
				issuer: "SX402 TEST CA",
				publicKey: pointOf(publicKey),
				usage: 0x80,
			};
			const good = issue(order, caKey);
			const refusals: [string, Uint8Array][] = [
				["another authority", issue(order, createKey(suite))],
				["ended", issue({ ...order, notAfter: "240101000000Z" }, caKey)],
				["not begun", issue({ ...order, notBefore: "480101000000Z" }, caKey)],
				["both uses", issue({ ...order, usage: 0x88 }, caKey)],
				["another use than the key's", issue({ ...order, usage: 0x08 }, caKey)],
				["no title", issue({ ...order, subject: "meter" }, caKey)],
				["a key the meter has not got", issue({ ...order, publicKey: pointOf(keys.serverAgreement) }, caKey)],
				["unknown issuer", issue({ ...order, issuer: "SOMEBODY" }, caKey)],
				["an authority that may not sign", issue({ ...order, subject: "SUB", isCa: true }, caKey)],
				["cut short", good.subarray(0, good.length - 1)],
				[
					"of the other curve",
					issue({ ...order, publicKey: new Uint8Array(suite === 1 ? 96 : 64) }, createKey(suite === 1 ? 2 : 1)),
				],
				["no octets", new Uint8Array(0)],
			];
			for (const [name, bytes] of refusals) {
				assert.equal((await client.action(setup, method.import, data.octetString(bytes))).result, 250, name);
			}
			await (await open()).close(); // still with the old key
			assert.equal((await client.action(setup, method.import, data.octetString(good))).result, 0);
			await client.close();
			await assert.rejects(open(), /cannot answer our challenge/);
			keys = { ...keys, serverSignature: publicKey };
			const after = await open();
			assert.equal(elementsOf(await after.read(setup, 6)).length, 5);
			await after.close();
		});

		it("F144 SEC-kek: agrees on a new unicast key with signed ephemeral keys; it survives a restart", async () => {
			const client = await open();
			const own = new Ephemeral(suite);
			const item = (signature: Uint8Array): Data =>
				data.array(data.structure(data.enum(0), data.octetString(concat(own.publicKey, signature))));
			const signature = signAs(keys.signing, suite, concat(0, own.publicKey));
			const forged = signAs(keys.agreeing, suite, concat(0, own.publicKey));
			const other = signAs(keys.signing, suite, concat(1, own.publicKey));
			const failures = async (): Promise<number> => {
				const { rows } = await client.readProfile("0-0:99.98.7.255");
				return rows.filter((row) => asNumber(row[1]!) === 49).length;
			};
			const before = await failures();
			for (const wrong of [forged, other]) {
				assert.equal((await client.action(setup, method.keyAgreement, item(wrong))).result, 250);
			}
			assert.equal(await failures(), before + 2);
			const { result, data: answer } = await client.action(setup, method.keyAgreement, item(signature));
			assert.equal(result, 0);
			const [id, octets] = elementsOf(elementsOf(answer!, 1)[0]!, 2);
			assert.equal(asNumber(id!), 0);
			const half = own.publicKey.length;
			const [point, proof] = [asOctets(octets!).subarray(0, half), asOctets(octets!).subarray(half)];
			assert.ok(isSigned(keys.serverSignature, suite, concat(0, point), proof));
			const unicastKey = derive(suite, own.agree(point), false, clientTitle, title);
			await client.close().catch(() => undefined); // its release is under the old key, which is dead
			await assert.rejects(open());
			forgive();
			Object.assign(security, { unicastKey, counter: { next: 1 } });
			await (await open()).close();
			meter.simulator.simulated.cutPower();
			meter.simulator.simulated.restorePower();
			await (await open()).close();
		});

		it("F144: lets nobody remove what brings all back: the certificate of its own signatures, and the last authority", async () => {
			const client = await open();
			const remove = async (what: Data) => (await client.action(setup, method.remove, what)).result;
			const authorities = async () =>
				(await client.read(setup, 6).then((list) => elementsOf(list)))
					.map((entry) => elementsOf(entry, 6))
					.filter(([entity]) => asNumber(entity!) === 2);
			assert.equal(await remove(byEntity(0, 0, title)), 250);
			assert.equal(await remove(byEntity(2, 3, new Uint8Array(0))), 250);
			const order = {
				serial: 78,
				subject: "SUB CA",
				issuer: "SX402 TEST CA",
				publicKey: pointOf(keys.serverSignature),
			};
			const further = issue({ ...order, usage: 0x04, isCa: true }, caKey);
			assert.equal((await client.action(setup, method.import, data.octetString(further))).result, 0);
			const [, , serial, issuer] = (await authorities()).find(([, , , , subject]) =>
				/SUB CA/.test(String.fromCharCode(...asOctets(subject!))),
			)!;
			assert.equal(await remove(data.structure(data.enum(1), data.structure(serial!, issuer!))), 0);
			assert.equal((await authorities()).length, 1);
			assert.equal(await remove(byEntity(0, 1, title)), 0, "its key for agreements can be certified again");
			await client.close();
			await (await open()).close();
		});

		it("F142: knows a client no more whose certificate was removed", async () => {
			const client = await open();
			assert.equal((await client.action(setup, method.remove, byEntity(1, 0, clientTitle))).result, 0);
			assert.equal((await client.action(setup, method.remove, byEntity(1, 0, clientTitle))).result, 250);
			await client.close();
			await assert.rejects(open());
			forgive();
		});

		it("SEC-store: leaves private keys to the owner of the data folder alone, and none of the meter's", () => {
			const path = join(folder, "certificates");
			const names = readdirSync(path);
			assert.ok(names.includes("client-signature-key.pem") && !names.some((name) => /server.*key/.test(name)));
			for (const name of names) assert.equal(statSync(join(path, name)).mode & 0o077, 0, name);
		});

		it("SEC-zero: none of the private keys, shared secrets and unwrapped keys of the tests above is left in a buffer", () => {
			assert.ok(secrets.count >= 10, `${secrets.count} secrets`);
			assert.deepEqual(
				secrets.left.map(({ what }) => what),
				[],
			);
		});
	});
}

function createKey(suite: 1 | 2): Uint8Array {
	return new Uint8Array(suite === 1 ? 32 : 48).fill(0x42);
}

describe("mechanisms other than GMAC", () => {
	const ways = [
		["HLS 3", mechanism.highMd5, hashProof("md5", secret)],
		["HLS 4", mechanism.highSha1, hashProof("sha1", secret)],
		["HLS 6", mechanism.highSha256, sha256Proof(secret)],
	] as const;
	for (const [name, way, proof] of ways) {
		it(`F142: ${name}, where the factory bound the client to it, and nothing else then`, async () => {
			const meter = await RunningMeter.start("SM402D", { mechanisms: { reader: way }, speed: 0 });
			try {
				const options = { clientSap: clientSap.reader, security: testSecurity(), port: meter.simulator.tcp };
				const client = await DlmsClient.connectTcp({ ...options, mechanism: way, proof });
				await client.associate();
				assert.ok(asNumber(await client.read(energy, 2)) >= 0);
				await client.close();
				const gmac = await DlmsClient.connectTcp(options);
				await assert.rejects(gmac.associate(), refusedWith(11));
				await gmac.close();
				const wrong = await DlmsClient.connectTcp({
					...options,
					mechanism: way,
					proof: { ...proof, answer: (c) => proof.answer({ ...c, server: c.client }) },
				});
				await assert.rejects(wrong.associate(), AssociationRefusedError);
				await wrong.close();
			} finally {
				await meter.close();
			}
		});
	}

	it("SEC-lls: a password is taken from the technician on the optical port alone, and only where it was enabled", async () => {
		for (const isEnabled of [true, false]) {
			const mechanisms = isEnabled ? { technician: mechanism.low } : {};
			const meter = await RunningMeter.start("SM402D", { mechanisms, speed: 0 });
			const security = testSecurity();
			const open = async (password: Uint8Array): Promise<void> => {
				const client = await DlmsClient.connectOptical({
					clientSap: clientSap.technician,
					mechanism: mechanism.low,
					password,
					security,
					port: meter.simulator.optical as number,
					signOn: "direct",
				});
				try {
					await client.associate();
					assert.ok(asNumber(await client.read(energy, 2)) >= 0);
				} finally {
					await client.close();
				}
			};
			try {
				if (isEnabled) {
					await open(lowLevelPassword);
					await assert.rejects(open(fromAscii("12345679")), refusedWith(13));
					await assert.rejects(open(fromAscii("1234567")), refusedWith(13));
					await assert.rejects(open(new Uint8Array(0)), refusedWith(13));
				} else {
					await assert.rejects(open(lowLevelPassword), refusedWith(11));
				}
			} finally {
				await meter.close();
			}
		}
	});
});
