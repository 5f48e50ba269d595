// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issue } from "../../hosts/simulator/factory/certificates.js";
import { mechanism } from "../support/client/association.js";
import { concat, fromAscii, fromHex, toHex } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, asOctets, data, elementsOf, ref } from "../support/client/data.js";
import { AssociationRefusedError, ExceptionResponseError } from "../support/client/errors.js";
import type { GeneralOptions, KeyInfo } from "../support/client/general.js";
import { type ClientKeys, pointOf, readClientKeys, signatureProof } from "../support/client/public-keys.js";
import type { ProtectionForm } from "../support/client/security.js";
import { clientSap, clientTitle, testKeys, testSecurity } from "../support/client/test-client.js";
import { RunningMeter } from "../support/running-meter.js";
import { WatchedSecrets } from "../support/watched-secrets.js";

const energy = ref(3, "1-0:1.8.0.255");
const name = ref(1, "0-0:96.1.1.255");
const setup = ref(64, "0-0:43.0.1.255");
const current = ref(15, "0-0:40.0.0.255");
const twice = (key: Uint8Array): Uint8Array => concat(key, key);

for (const suite of [0, 1, 2] as const) {
	describe(`general-ciphering and general-signing, suite ${suite}`, () => {
		let folder: string;
		let meter: RunningMeter;
		let secrets: WatchedSecrets;
		let keys: ClientKeys | undefined;
		let title: Uint8Array;
		let caKey: Uint8Array;
		const key = (octets: Uint8Array): Uint8Array => (suite === 2 ? twice(octets) : octets);
		const general: GeneralOptions = { transaction: 1, masterKey: key(testKeys.masterKey) };
		const security = testSecurity({
			control: 0x30 + suite,
			unicastKey: key(testKeys.unicastKey),
			authenticationKey: key(testKeys.authenticationKey),
			broadcastKey: key(testKeys.broadcastKey),
		});
		const kinds: KeyInfo[] = suite === 0 ? ["unicast", "wrapped"] : ["unicast", "wrapped", "onePass", "unified"];

		before(async () => {
			folder = mkdtempSync(join(tmpdir(), "sx402-general-"));
			meter = await RunningMeter.start("SM402D", { suite, data: folder, seed: 7, clock_s: 800_000_000, speed: 0 });
			meter.simulator.simulated.runTo(1000);
			secrets = new WatchedSecrets();
			title = meter.simulator.simulated.meter.application.identity.systemTitle;
			if (suite === 0) return;
			keys = readClientKeys(folder, suite);
			Object.assign(general, { keys });
			const ca = createPrivateKey(readFileSync(join(folder, "certificates", "ca-key.pem")));
			caKey = Uint8Array.from(Buffer.from(ca.export({ format: "jwk" }).d as string, "base64url"));
		});

		after(async () => {
			secrets.stop();
			await meter.close();
			rmSync(folder, { recursive: true });
		});

		/** Waits out a lock after failures that were wanted. */
		const forgive = (): void => meter.simulator.simulated.runTo(meter.simulator.simulated.monotonic_ms() + 400_000);

		/** Management, with what `given` changes for this association; plain forms again afterwards. */
		async function open(
			given: Partial<GeneralOptions> = {},
			options: Partial<Parameters<typeof DlmsClient.connectTcp>[0]> = {},
			form: ProtectionForm = "global",
		): Promise<{ client: DlmsClient; general: GeneralOptions }> {
			const own: GeneralOptions = Object.assign(Object.create(general) as GeneralOptions, given);
			Object.defineProperty(own, "transaction", {
				get: () => general.transaction,
				set: (value: number) => {
					general.transaction = value;
				},
			});
			const proof = keys === undefined ? undefined : signatureProof(keys);
			const way = keys === undefined ? mechanism.highGmac : mechanism.highEcdsa;
			const client = await DlmsClient.connectTcp({
				clientSap: clientSap.management,
				mechanism: way,
				proof,
				security: { ...security, form, general: own },
				port: meter.simulator.tcp,
				...options,
			});
			client.association.session!.serverTitle = title;
			try {
				await client.associate();
				return { client, general: own };
			} catch (error) {
				await client.close().catch(() => undefined);
				throw error;
			}
		}

		const refused = (service: number) => (error: unknown) =>
			error instanceof ExceptionResponseError && error.stateError === 1 && error.serviceError === service;

		async function isRefused(client: DlmsClient, service = 5): Promise<void> {
			await assert.rejects(client.read(energy, 2), refused(service));
		}

		for (const kind of kinds) {
			it(`F143: whole association with key-info ${kind}: opened, read, written, answered with a key of the same kind`, async () => {
				const { client, general } = await open({ key: kind });
				assert.ok(asNumber(await client.read(energy, 2)) >= 0);
				const infos: Record<string, string> = { unicast: "0000", wrapped: "0100", onePass: "0201", unified: "0202" };
				assert.deepEqual(general.answered!.layers, [0xdd]);
				assert.equal(general.answered!.keyInfo, infos[kind]);
				const text = data.octetString(fromAscii(`${kind} ${suite}`));
				assert.equal(await client.set(name, 2, text), 0);
				assert.deepEqual(asOctets(await client.read(name, 2)), fromAscii(`${kind} ${suite}`));
				assert.ok(elementsOf(await client.read(current, 2)).length > 100);
				await client.release();
				await client.close();
			});
		}

		it("F143: key-info is needed once; then counters go on by themselves, and begin again with the next key", async () => {
			const { client, general } = await open({ key: "wrapped" });
			assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			const high = security.counter.next;
			general.key = "known";
			assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			general.key = "wrapped";
			security.counter.next = 1; // with another key and a later transaction-id
			assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			general.key = "known";
			assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			security.counter.next = 2;
			await isRefused(client, 6);
			security.counter.next = high + 10;
			general.key = "unicast";
			assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			await client.close();
		});

		it("SEC-replay: an APDU that brings its key is taken once, in this association and in the next", async () => {
			for (const kind of kinds.slice(1)) {
				const { client } = await open({ key: kind });
				const session = client.association.session!;
				const request = fromHex("c001c100030100010800ff0200");
				const genuine = session.protect(request);
				assert.notEqual((await client.sendRaw(genuine))[0], 0xd8);
				assert.equal(toHex((await client.sendRaw(genuine)).subarray(0, 3)), "d80106");
				await client.close();
				const next = await open();
				assert.equal(toHex((await next.client.sendRaw(genuine)).subarray(0, 3)), "d80106");
				await next.client.close();
			}
		});

		it("F143: transaction-id and time of day are in the answer as in the request", async () => {
			for (const kind of kinds) {
				const { client, general } = await open({ key: kind });
				general.transactionId = fromHex("0123456789abcdef01");
				general.dateTime = fromHex("07e9010102ff00000000ffc400");
				general.dateTime = general.dateTime.subarray(0, 12);
				general.otherInformation = fromHex("aabb");
				assert.ok(asNumber(await client.read(energy, 2)) >= 0);
				assert.equal(toHex(general.answered!.transaction), "0123456789abcdef01");
				assert.equal(general.answered!.dateTime.length, 12);
				assert.equal(toHex(general.answered!.dateTime.subarray(0, 2)), "07e9");
				general.dateTime = undefined;
				assert.ok(asNumber(await client.read(energy, 2)) >= 0);
				assert.equal(general.answered!.dateTime.length, 0);
				await client.close();
			}
		});

		it("SEC-title: another originator or recipient, or none, has the one answer of a wrong tag (SEC-tag)", async () => {
			const { client, general } = await open({ key: "unicast" });
			for (const wrong of [fromHex("4d4d4d00000000aa"), title, new Uint8Array(0), clientTitle.subarray(0, 7)]) {
				general.originator = wrong;
				await isRefused(client);
				general.originator = undefined;
				general.recipient = wrong === title ? clientTitle : wrong;
				await isRefused(client);
				general.recipient = undefined;
				assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			}
			for (const wrong of [{ dateTime: new Uint8Array(11) }, { otherInformation: new Uint8Array(65) }]) {
				Object.assign(general, wrong);
				await isRefused(client);
				Object.assign(general, { dateTime: undefined, otherInformation: undefined });
			}
			general.transactionId = new Uint8Array(33);
			await isRefused(client);
			general.transactionId = undefined;
			assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			await client.close();
			forgive();
		});

		it("SEC-tag: any bit of a general-ciphering APDU changed, or its end missing, is refused and nothing is set", async () => {
			const kind = suite === 0 ? "wrapped" : "onePass";
			const { client, general } = await open({ key: kind });
			const session = client.association.session!;
			const setZone = fromHex("c101c1000101006060ff0200090122".replace("01006060", "0000600101"));
			for (let n = 1; n < 400; n += suite === 0 ? 3 : 17) {
				const genuine = session.protect(setZone);
				if (n >= genuine.length) break;
				const forged = genuine.slice();
				forged[n]! ^= 0x10;
				const answer = await client.sendRaw(forged);
				assert.match(toHex(answer), /^d8010[56]/, `octet ${n}`);
				assert.equal(toHex((await client.sendRaw(genuine.subarray(0, n))).subarray(0, 3)), "d80105");
				general.key = "unicast";
				assert.deepEqual((await client.get(name, 2)).result, 0); // ten failures in a row would end the association
				general.key = kind;
			}
			await client.close();
			forgive();
		});

		it("SEC-bcast SEC-pol: the broadcast key and the key-set bit open nothing in an association", async () => {
			const { client, general } = await open({ key: "broadcast" }).catch(async () => open({ key: "unicast" }));
			assert.equal(general.key, "unicast"); // the association could not be opened with the other
			general.key = "broadcast";
			await isRefused(client);
			general.key = "unicast";
			await client.close();
			forgive();
		});

		if (suite === 0) {
			it("SEC-down: suite 0 has neither agreed keys nor signatures", async () => {
				const { client } = await open({ key: "unicast" });
				const agreed = concat(0xdd, 0, 8, clientTitle, 8, title, 0, 0, fromHex("01020102000130"));
				assert.equal(toHex(await client.sendRaw(agreed)), "d80105");
				const signed = concat(0xdf, 0, 8, clientTitle, 8, title, 0, 0, fromHex("01c04000"));
				assert.equal(toHex(await client.sendRaw(signed)), "d80105");
				assert.equal((await client.action(setup, 1, data.enum(0xfc))).result, 250);
				await client.close();
				forgive();
			});
			return;
		}

		for (const sign of ["inside", "outside"] as const) {
			it(`F143: signed ${sign} of every ciphering, answered signed the same way`, async () => {
				for (const kind of [...kinds, undefined]) {
					for (const form of kind === undefined ? (["global", "generalGlobal"] as const) : (["global"] as const)) {
						if (sign === "inside" && kind === undefined && form === "global") continue;
						const { client, general: own } = await open({}, {}, form);
						Object.assign(own, { key: kind, sign });
						assert.ok(asNumber(await client.read(energy, 2)) >= 0);
						const layers = own.answered!.layers;
						const ciphered = kind === undefined ? [] : [0xdd];
						assert.deepEqual(layers, sign === "inside" ? [...ciphered, 0xdf] : [0xdf, ...ciphered]);
						own.signsLength = true;
						assert.ok(asNumber(await client.read(energy, 2)) >= 0);
						own.signsLength = undefined;
						assert.ok(elementsOf(await client.read(current, 2)).length > 100);
						Object.assign(own, { key: undefined, sign: undefined });
						await client.close();
					}
				}
			});

			it(`SEC-tag: a signature ${sign} by another key, over something else, or of another length is refused`, async () => {
				const { client, general } = await open({ key: "unicast", sign });
				general.signing = keys!.agreeing;
				await isRefused(client);
				general.signing = undefined;
				assert.ok(asNumber(await client.read(energy, 2)) >= 0);
				if (sign === "outside") {
					const genuine = client.association.session!.protect(
						fromHex("c101c1000100006001 01ff0200090155".replace(" ", "")),
					);
					for (const at of [2, 12, genuine.length - 1, genuine.length - 30]) {
						const forged = genuine.slice();
						forged[at]! ^= 1;
						assert.match(toHex(await client.sendRaw(forged)), /^d8010[56]/, String(at));
					}
					assert.notEqual(toHex(asOctets(await client.read(name, 2))), "55");
				}
				await client.close();
				forgive();
			});
		}

		it("SEC-curve: an ephemeral key must be signed by the client, alone or with key-parameters, and be on the curve", async () => {
			const { client, general } = await open({ key: "onePass", signsParameters: true });
			assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			general.signsParameters = undefined;
			general.signing = keys!.agreeing;
			await isRefused(client);
			general.signing = undefined;
			await client.close();
			forgive();
		});

		it("SEC-pol SEC-down: a policy that asks for signatures is met in both directions, and never lowered", async () => {
			const { client, general } = await open({ key: "unicast" });
			assert.equal((await client.action(setup, 1, data.enum(0xec))).result, 0); // signed response
			assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			assert.deepEqual(general.answered!.layers, [0xdd, 0xdf]);
			general.key = undefined; // glo-get-request
			assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			assert.deepEqual(general.answered!.layers, [0xdf]);
			general.key = "unicast";
			assert.equal((await client.action(setup, 1, data.enum(0xfc))).result, 0); // signed request
			await isRefused(client);
			general.sign = "inside";
			assert.equal(asNumber(await client.read(setup, 2)), 0xfc);
			assert.equal((await client.action(setup, 1, data.enum(0x6c))).result, 250);
			assert.equal((await client.action(setup, 1, data.enum(3))).result, 250); // 0x6C in words of version 0
			await client.release();
			await client.close();
			await assert.rejects(open()); // pass 3 must be signed as well
			forgive();
			const again = await open({ sign: "outside" });
			assert.ok(asNumber(await again.client.read(energy, 2)) >= 0);
			await again.client.close();
			meter.simulator.simulated.cutPower();
			meter.simulator.simulated.restorePower();
			const restarted = await open({ key: "onePass", sign: "inside" });
			assert.ok(asNumber(await restarted.client.read(energy, 2)) >= 0);
			await restarted.client.close();
		});

		it("F142: takes the certificate that comes with the AARQ, if an authority it knows has issued it for this title", async () => {
			const order = {
				serial: 99,
				subject: toHex(clientTitle).toUpperCase(),
				issuer: "SX402 TEST CA",
				publicKey: pointOf(keys!.agreeing), // a key the meter knows for something else
				usage: 0x80,
			};
			const proof = signatureProof({ ...keys!, signing: keys!.agreeing });
			const good = issue(order, caKey);
			const given = { key: undefined, sign: "outside", signing: keys!.agreeing } as const;
			const { client } = await open(given, { proof, certificate: good });
			assert.ok(asNumber(await client.read(energy, 2)) >= 0);
			await client.close();
			const refusals: [string, Uint8Array][] = [
				["another authority", issue(order, new Uint8Array(suite === 1 ? 32 : 48).fill(0x42))],
				["another title", issue({ ...order, subject: "4D4D4D00000000AA" }, caKey)],
				["another use", issue({ ...order, usage: 0x08 }, caKey)],
				["ended", issue({ ...order, notAfter: "240101000000Z" }, caKey)],
				["cut short", good.subarray(0, good.length - 1)],
			];
			for (const [what, certificate] of refusals) {
				const isRefusedWith13 = (error: unknown): boolean =>
					error instanceof AssociationRefusedError && error.response.diagnostic === 13;
				await assert.rejects(open(given, { proof, certificate }), isRefusedWith13, what);
				forgive();
			}
			await assert.rejects(open(given, { proof })); // the meter has not kept it
			forgive();
		});

		it("SEC-zero: none of the keys that came with APDUs, or were agreed on, is left in a buffer", () => {
			assert.ok(secrets.count >= 10, `${secrets.count} secrets`);
			assert.deepEqual(
				secrets.left.map(({ what }) => what),
				[],
			);
		});
	});
}
