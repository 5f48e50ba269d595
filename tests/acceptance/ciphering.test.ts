// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromHex, toHex } from "../support/client/bytes.js";
import { DlmsClient } from "../support/client/client.js";
import { asNumber, data, ref } from "../support/client/data.js";
import {
	AssociationRefusedError,
	ExceptionResponseError,
	serviceError,
	throwIfError,
} from "../support/client/errors.js";
import { wrapKey } from "../support/client/general.js";
import { type ClientSecurity, controlBit, type ProtectionForm, SecureSession } from "../support/client/security.js";
import { encodeGet, encodeSet, result } from "../support/client/services.js";
import { clientSap, testKeys, testSecurity } from "../support/client/test-client.js";
import { RunningMeter } from "../support/running-meter.js";

const clock = ref(8, "0-0:1.0.0.255");
const ownName = ref(1, "0-0:42.0.0.255");
const deviceId2 = ref(1, "0-0:96.1.1.255");
const managementSetup = ref(64, "0-0:43.0.1.255");
const getClock = encodeGet({ id: 1 }, { ref: clock, attribute: 2 });

function isException(error: unknown, wanted: number): error is ExceptionResponseError {
	return error instanceof ExceptionResponseError && error.serviceError === wanted;
}

function keyTransfer(id: number, wrapped: Uint8Array) {
	return data.array(data.structure(data.enum(id), data.octetString(wrapped)));
}

const forms: readonly ProtectionForm[] = ["global", "dedicated", "generalGlobal", "generalDedicated"];

describe("ciphered requests over TCP", () => {
	let meter: RunningMeter;
	before(async () => {
		meter = await RunningMeter.start("ST402D");
	});
	after(() => meter.close());

	/** An associated management client whose counter goes on where others of this test stopped. */
	async function open(changed: Partial<ClientSecurity> = {}): Promise<DlmsClient> {
		const security = { ...meter.security("management")!, ...changed };
		const client = await DlmsClient.connectTcp({
			clientSap: clientSap.management,
			security,
			port: meter.simulator.tcp,
		});
		await client.associate().catch(async (error: unknown) => {
			await client.close().catch(() => undefined);
			throw error;
		});
		return client;
	}

	for (const form of forms) {
		it(`F143: answers ${form} ciphering in the same form, encrypted and authenticated`, async () => {
			const dedicatedKey = Uint8Array.from(randomBytes(16));
			const client = await open({ form, ...(form.endsWith("edicated") ? { dedicatedKey } : {}) });
			const tags = new Map<ProtectionForm, number>([
				["global", 0xcc],
				["dedicated", 0xd4],
				["generalGlobal", 0xdb],
				["generalDedicated", 0xdc],
			]);
			let answer = new Uint8Array(0);
			client.association.trace = (_direction, apdu) => {
				answer = apdu.slice();
			};
			assert.equal(
				Buffer.from((await client.read(ownName, 2)).value as Uint8Array).toString("latin1"),
				meter.simulator.logicalDeviceName,
			);
			assert.equal(answer[0], tags.get(form));
			const bits = controlBit.authenticated + controlBit.encrypted;
			assert.equal(client.association.session!.lastControl & 0xf0, bits);
			await client.close();
		});
	}

	it("SEC-pol: less protection than the policy is refused, though it is right otherwise", async () => {
		for (const control of [0x10, 0x20]) {
			const client = await open();
			const weak = { ...client.association.session!.security, control };
			const apdu = new SecureSession(weak).protect(getClock);
			const raw = await client.sendRaw(apdu);
			assert.throws(
				() => throwIfError(raw),
				(error) => isException(error, serviceError.decipheringError),
			);
			await client.close();
		}
		const client = await open();
		const raw = await client.sendRaw(getClock);
		assert.throws(
			() => throwIfError(raw),
			(error) => isException(error, serviceError.decipheringError),
		);
		await client.close();
	});

	it("F145, SEC-replay: an APDU counts once; the refusal tells the counter that is wanted", async () => {
		const client = await open();
		const session = client.association.session!;
		const set = encodeSet({ id: 2 }, { ref: deviceId2, attribute: 2 }, data.octetString("once"));
		const apdu = session.protect(set);
		session.unprotect(await client.sendRaw(apdu));
		assert.equal(await client.set(deviceId2, 2, data.octetString("twice")), 0);
		const wanted = session.security.counter.next;
		const raw = await client.sendRaw(apdu);
		assert.throws(
			() => throwIfError(raw),
			(error) => isException(error, serviceError.invocationCounterError) && error.expectedCounter === wanted,
		);
		assert.deepEqual(await client.read(deviceId2, 2), data.octetString("twice"));
		await client.close();
	});

	it("SEC-tag, SEC-replay: one wrong bit anywhere is refused, and a forged high counter locks nobody out", async () => {
		const client = await open();
		const session = client.association.session!;
		for (const position of [2, 3, 8, -13, -1]) {
			const apdu = session.protect(getClock);
			const at = position < 0 ? apdu.length + position : position;
			apdu[at]! ^= position === 2 ? 0x01 : 0x80; // suite, counter, cipher text, tag
			const raw = await client.sendRaw(apdu);
			assert.throws(() => throwIfError(raw), ExceptionResponseError, `octet ${at}`);
			assert.equal((await client.get(clock, 2)).result, 0);
		}
		await client.close();
	});

	it("F142, SEC-err: a wrong key is refused like an unknown client", async () => {
		const wrongKey = { unicastKey: testKeys.broadcastKey, counter: { next: 500_000 } };
		const diagnosticOf = async (opening: Promise<DlmsClient>): Promise<number> => {
			try {
				await (await opening).close();
			} catch (error) {
				assert.ok(error instanceof AssociationRefusedError);
				return error.response.diagnostic;
			}
			return 0;
		};
		assert.equal(await diagnosticOf(open(wrongKey)), 13);
		const unknown = DlmsClient.connectTcp({ clientSap: 77, security: testSecurity(), port: meter.simulator.tcp });
		const client = await unknown;
		await assert.rejects(
			client.associate(),
			(error) => error instanceof AssociationRefusedError && error.response.diagnostic === 13,
		);
		await client.close();
		await (await open()).close();
	});

	it("F145: the public client reads the counter that management has used", async () => {
		const client = await open();
		await client.read(clock, 2);
		const used = client.association.session!.security.counter.next - 1;
		const shown = await meter.with("public", (opened) => opened.read(ref(1, "0-0:43.1.0.255"), 2));
		assert.equal(asNumber(shown), used);
		await client.close();
	});
});

describe("keys over a restart", () => {
	let folder: string;
	before(() => {
		folder = mkdtempSync(join(tmpdir(), "sx402-keys-"));
	});
	after(() => rmSync(folder, { recursive: true, force: true }));

	it("F144, SEC-kek: a new key replaces the old one at once and for good, a wrong wrapping changes nothing", async () => {
		const newKey = fromHex("f0e1d2c3b4a5968778695a4b3c2d1e0f");
		const connect = async (meter: RunningMeter, security: ClientSecurity) => {
			const client = await DlmsClient.connectTcp({
				clientSap: clientSap.management,
				security,
				port: meter.simulator.tcp,
			});
			try {
				await client.associate();
				return client;
			} catch (error) {
				await client.close();
				throw error;
			}
		};
		let meter = await RunningMeter.start("SM402D", { data: join(folder, "meter") });
		const client = await connect(meter, testSecurity());
		const wrong = wrapKey(testKeys.masterKey, newKey);
		wrong[3]! ^= 1;
		assert.notEqual((await client.action(managementSetup, 2, keyTransfer(0, wrong))).result, 0);
		assert.equal((await client.get(clock, 2)).result, 0);
		const right = keyTransfer(0, wrapKey(testKeys.masterKey, newKey));
		assert.equal((await client.action(managementSetup, 2, right)).result, 0);
		const raw = await client.sendRaw(client.association.session!.protect(getClock));
		assert.throws(() => throwIfError(raw), ExceptionResponseError);
		client.association.agreed = undefined;
		await client.close();

		const renewed = testSecurity({ unicastKey: newKey });
		const again = await connect(meter, renewed);
		assert.equal((await again.get(clock, 2)).result, 0);
		await again.close();
		await meter.close();

		meter = await RunningMeter.start("SM402D", { data: join(folder, "meter") });
		try {
			await assert.rejects(connect(meter, testSecurity({ first: 1000 })), AssociationRefusedError);
			const old = testSecurity({ unicastKey: newKey });
			await assert.rejects(connect(meter, old), (error) => error instanceof ExceptionResponseError);
			const last = await connect(meter, renewed);
			assert.equal((await last.get(clock, 2)).result, result.success);
			assert.equal(toHex(last.association.session!.serverTitle!).toUpperCase(), meter.simulator.systemTitle);
			await last.close();
		} finally {
			await meter.close();
		}
	});
});
