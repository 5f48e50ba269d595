// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { keyId } from "../../../src/cosem/security/security-setup-state.js";
import { recordKey } from "../../../src/storage/keys.js";
import { CuttingStore } from "../support/cutting-store.js";
import { type FakeMeter, fakeMeter, serverTitle, testKeys } from "../support/fake-application.js";
import { fromHex, hex } from "../support/hex.js";
import { byte, TestClient } from "../support/test-client.js";

const setup = "00002b0001ff";
const readerSetup = "00002b0003ff";
const getZone = "c001c100080000010000ff0300";
const zone = "c401c10010003c";
const newKey = fromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");

function wrap(key: Uint8Array, kek: Uint8Array = testKeys.masterKey): string {
	const cipher = createCipheriv("id-aes128-wrap", kek, Buffer.alloc(8, 0xa6));
	return hex(cipher.update(key));
}

type Item = [id: number, wrapped: string];

function keyTransfer(items: Item[], name = setup): string {
	const list = items.map(([id, wrapped]) => `020216${byte(id)}09${byte(wrapped.length / 2)}${wrapped}`);
	return `c301c10040${name}020101${byte(items.length)}${list.join("")}`;
}

describe("security setup", () => {
	let store: CuttingStore;
	let meter: FakeMeter;
	let client: TestClient;

	beforeEach(() => {
		store = new CuttingStore();
		meter = fakeMeter({ store });
		client = new TestClient(meter.server, 1).connect();
	});

	it("shows policy, suite and titles; 0-0:43.0.0 is the caller's own", () => {
		assert.equal(client.get(64, setup, 2), "c401c100166c");
		assert.equal(client.get(64, "00002b0002ff", 2), "c401c100160c");
		assert.equal(client.get(64, setup, 3), "c401c1001600");
		assert.equal(client.get(64, setup, 4), `c401c1000908${hex(client.title)}`);
		assert.equal(client.get(64, setup, 5), `c401c1000908${hex(serverTitle)}`);
		assert.equal(client.get(64, setup, 6), "c401c1000100");
		const reader = new TestClient(meter.server, 2);
		reader.title = fromHex("4d4d4d00000000aa");
		reader.connect();
		assert.equal(reader.get(64, "00002b0000ff", 4), `c401c1000908${hex(reader.title)}`);
		assert.equal(reader.get(64, readerSetup, 4), "c401c10104");
		assert.equal(client.get(64, "00002b0000ff", 4), `c401c1000908${hex(client.title)}`);
	});

	it("shows the last accepted counters to everyone", () => {
		const observer = new TestClient(meter.server, 16).connect();
		const last = client.counter - 1;
		assert.equal(observer.get(1, "00002b0100ff", 2), `c401c10006${last.toString(16).padStart(8, "0")}`);
		assert.equal(observer.get(1, "00002b0105ff", 2), `c401c10006${(4).toString(16).padStart(8, "0")}`);
	});

	it("takes a new unicast key: the answer is under the old one, all that follows under the new (SEC-kek)", () => {
		const before = meter.application.changes;
		assert.equal(client.ask(keyTransfer([[keyId.globalUnicastEncryption, wrap(newKey)]])), "c701c10000");
		assert.deepEqual(meter.bench.events, [[48, 1]]);
		assert.equal(meter.application.changes, before + 1);
		assert.equal(client.send(client.protect(getZone)), "d80105"); // the old key is dead
		client.encryptionKey = newKey;
		client.counter = 1; // counters restart
		const answer = client.unprotect(client.send(client.protect(getZone)));
		assert.deepEqual([answer.plain, answer.counter], [zone, 1]);
		new TestClient(meter.server, 2).connect(); // others keep theirs
		meter = fakeMeter({ store });
		const after = new TestClient(meter.server, 1);
		after.encryptionKey = newKey;
		after.counter = 10;
		after.connect();
	});

	it("takes several keys at once, and the master key under the old one", () => {
		const keys = [0x10, 0x20, 0x30, 0x40].map((octet) => new Uint8Array(16).fill(octet));
		assert.equal(client.ask(keyTransfer(keys.map((key, id) => [id, wrap(key)]))), "c701c10000");
		const state = meter.application.security.setup(1);
		assert.deepEqual(
			keys.map((_, id) => hex(state.key(id))),
			keys.map(hex),
		);
		client.encryptionKey = keys[0]!;
		client.authenticationKey = keys[2]!;
		client.counter = 1;
		assert.equal(client.ask(getZone), zone);
		assert.equal(client.ask(keyTransfer([[0, wrap(newKey)]])), "c701c1fa00"); // under the old master key
		assert.equal(client.ask(keyTransfer([[0, wrap(newKey, keys[3])]])), "c701c10000");
	});

	it("changes nothing at all when one of the keys is wrong (SEC-kek)", () => {
		const good = wrap(newKey);
		const bad = `${good.slice(0, -2)}00`;
		const requests: [string, string][] = [
			[
				"damaged",
				keyTransfer([
					[0, good],
					[2, bad],
				]),
			],
			[
				"unknown id",
				keyTransfer([
					[0, good],
					[4, good],
				]),
			],
			[
				"same id twice",
				keyTransfer([
					[0, good],
					[0, wrap(new Uint8Array(16))],
				]),
			],
			[
				"too short",
				keyTransfer([
					[0, good],
					[2, good.slice(16)],
				]),
			],
			[
				"the present key again",
				keyTransfer([
					[2, wrap(newKey)],
					[0, wrap(testKeys.globalUnicastEncryptionKey)],
				]),
			],
			["none", keyTransfer([])],
		];
		for (const [name, request] of requests) {
			assert.equal(client.ask(request), "c701c1fa00", name);
			assert.equal(client.ask(getZone), zone, name);
		}
		assert.equal(client.ask(keyTransfer([[0, good]]).replace("020216", "020211")), "c701c10c00");
		assert.equal(client.ask(`c301c10040${setup}0200`), "c701c10c00");
		const state = meter.application.security.setup(1);
		assert.equal(hex(state.key(0)), hex(testKeys.globalUnicastEncryptionKey));
		assert.equal(hex(state.key(2)), hex(testKeys.authenticationKey));
		assert.deepEqual(meter.bench.events, [[49, 1]], "the damaged one, and no change");
	});

	it("transfers keys of other clients' setups, and of each its own", () => {
		assert.equal(client.ask(keyTransfer([[0, wrap(newKey)]], readerSetup)), "c701c10000");
		assert.equal(client.ask(getZone), zone);
		const reader = new TestClient(meter.server, 2);
		assert.throws(() => reader.connect());
		reader.encryptionKey = newKey;
		reader.counter = 1;
		reader.connect();
	});

	it("takes keys only in an authenticated and encrypted request (SEC-kek)", () => {
		meter = fakeMeter({ policy: 0x24 });
		const weak = new TestClient(meter.server, 1).connect();
		weak.control = 0x10;
		assert.equal(weak.ask(keyTransfer([[0, wrap(newKey)]])), "c701c10d00");
		weak.control = 0x30;
		assert.equal(weak.ask(keyTransfer([[0, wrap(newKey)]])), "c701c10000");
	});

	it("answers hardware-fault when keys cannot be stored, and keeps the old ones", () => {
		store.refusedRecord = recordKey.securityKeys + 1;
		assert.equal(client.ask(keyTransfer([[0, wrap(newKey)]])), "c701c10100");
		assert.equal(client.ask(getZone), zone);
		assert.deepEqual(meter.bench.events, []);
	});

	it("does not begin to change keys when not even the counter of the request can be stored", () => {
		store.refuses = true;
		assert.equal(client.send(client.protect(keyTransfer([[0, wrap(newKey)]]))), "d80101");
		store.refuses = false;
		assert.equal(client.ask(getZone), zone);
	});

	it("raises the policy and never lowers it (SEC-down)", () => {
		meter = fakeMeter({ policy: 0x04 });
		client = new TestClient(meter.server, 1).connect();
		const activate = (policy: number): string => client.ask(`c301c10040${setup}010116${byte(policy)}`);
		assert.equal(activate(0x00), "c701c1fa00");
		assert.equal(activate(0x08), "c701c1fa00"); // another bit instead of the present one
		assert.equal(activate(0x05), "c701c1fa00"); // bit without meaning
		assert.equal(activate(0x14), "c701c1fa00"); // signatures need suite 1
		assert.equal(activate(0x04), "c701c10000");
		assert.deepEqual(meter.bench.events, []);
		assert.equal(activate(0x24), "c701c10000");
		assert.deepEqual(meter.bench.events, [[240, 1]]);
		assert.equal(activate(0x6c), "c701c10000");
		client.control = 0x10;
		assert.equal(client.send(client.protect(getZone)), "d80105");
		client.control = 0x30;
		assert.equal(activate(0x24), "c701c1fa00");
		assert.equal(client.get(64, setup, 2), "c401c100166c");
		assert.equal(client.ask(`c101c10040${setup}02001600`), "c501c103"); // policy is not written
		assert.equal(client.ask(`c301c10040${setup}01011100`), "c701c10c00");
	});

	it("refuses in suite 0 what needs public keys, with other-reason", () => {
		const parameters = ["0100", "1600", "1600", "0900", "02021600020316001600090101", "0202160102020900 0900"];
		for (let method = 3; method <= 8; method++) {
			const parameter = parameters[method - 3]!.replace(" ", "");
			assert.equal(client.ask(`c301c10040${setup}${byte(method)}01${parameter}`), "c701c1fa00", `method ${method}`);
		}
	});

	it("raises the suite to 1, where the option allows it, and lowers it never (SEC-down)", () => {
		const setSuite = (suite: number): string => client.ask(`c101c10040${setup}030016${byte(suite)}`);
		assert.equal(setSuite(0), "c501c100");
		for (const suite of [2, 3, 255]) assert.equal(setSuite(suite), "c501c1fa"); // no keys of 32 octets
		const answer = client.unprotect(client.send(client.protect(`c101c10040${setup}03001601`)));
		assert.deepEqual([answer.plain, answer.control], ["c501c100", 0x30]); // still in the old suite
		assert.deepEqual(meter.bench.events, [[240, 1]]);
		assert.equal(client.send(client.protect(getZone)), "d80105");
		client.control = 0x31;
		assert.equal(client.ask(getZone), zone);
		assert.equal(setSuite(0), "c501c1fa");
		assert.equal(setSuite(1), "c501c100");
		meter = fakeMeter({ store });
		assert.equal(meter.application.security.setup(1).suite, 1);
	});

	it("takes a client system title of eight octets", () => {
		assert.equal(client.ask(`c101c10040${readerSetup}0400090801020304050607 08`.replace(" ", "")), "c501c100");
		assert.equal(client.get(64, readerSetup, 4), "c401c10009080102030405060708");
		assert.equal(client.ask(`c101c10040${readerSetup}0400090701020304050607`), "c501c1fa");
		assert.equal(client.ask(`c101c10040${readerSetup}04001101`), "c501c10c");
	});
});
