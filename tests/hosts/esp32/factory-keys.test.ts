// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { allowsTestKeys, boardSettings } from "../../../hosts/esp32/board-settings.js";
import { loadFactoryKeys, publishedKeyDigests } from "../../../hosts/esp32/factory-keys.js";
import { NodeCipher } from "../../../hosts/simulator/cipher/node-cipher.js";
import { testKeys, testKeysOf } from "../../../hosts/simulator/test-keys.js";
import { DeviceError } from "../../../src/core/device-error.js";

const cipher = new NodeCipher();
const ownKeys: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
	["guek", "gbek", "gak", "kek", "secret"].map((name, n) => [name, new Uint8Array(16).fill(0x51 + n)]),
);
const published: Readonly<Record<string, Uint8Array>> = {
	guek: testKeys.globalUnicastEncryptionKey,
	gbek: testKeys.globalBroadcastEncryptionKey,
	gak: testKeys.authenticationKey,
	kek: testKeys.masterKey,
	secret: testKeys.secret,
};

function codeOf(run: () => unknown): string {
	try {
		run();
	} catch (error) {
		if (error instanceof DeviceError) return error.code;
		throw error;
	}
	return "none";
}

const goodConfig = {
	model: "ST402D",
	flagId: "SXF",
	serialNumber: "12345678",
	version: "1.2.3",
	metrologyChecksum: "ab".repeat(32),
	applicationChecksum: "cd".repeat(32),
};

describe("hosts/esp32: keys and settings", () => {
	it("SEC-test recognises every published key of the simulator by its digest", () => {
		const digests = [testKeys, testKeysOf(2)]
			.flatMap((keys) => Object.values(keys))
			.map((key) => createHash("sha256").update(key).digest("hex"));
		assert.deepEqual([...new Set(digests)].sort(), [...publishedKeyDigests].sort());
	});

	it("SEC-test SEC-unique refuses to start with any one published key, in whatever place", () => {
		for (const name of Object.keys(ownKeys)) {
			for (const key of Object.values(published)) {
				const keys = { ...ownKeys, [name]: key };
				assert.equal(
					codeOf(() => loadFactoryKeys((wanted) => keys[wanted], cipher, false)),
					"published",
				);
			}
		}
	});

	it("takes keys of its own", () => {
		const keys = loadFactoryKeys((name) => ownKeys[name], cipher, false);
		assert.equal(keys.globalUnicastEncryptionKey, ownKeys["guek"]);
		assert.equal(keys.globalBroadcastEncryptionKey, ownKeys["gbek"]);
		assert.equal(keys.authenticationKey, ownKeys["gak"]);
		assert.equal(keys.masterKey, ownKeys["kek"]);
		assert.equal(keys.secret, ownKeys["secret"]);
	});

	it("SEC-test takes published keys only in a build that was told so", () => {
		assert.equal(
			codeOf(() => loadFactoryKeys((name) => published[name], cipher, true)),
			"none",
		);
		assert.equal(allowsTestKeys({ allowTestKeys: true }), true);
		assert.equal(allowsTestKeys({ allowTestKeys: "true" }), true);
		for (const value of [undefined, false, "false", "", 1, "1"])
			assert.equal(allowsTestKeys({ allowTestKeys: value }), false);
	});

	it("refuses a key that is missing or of another size", () => {
		for (const name of Object.keys(ownKeys)) {
			assert.equal(
				codeOf(() => loadFactoryKeys((wanted) => (wanted === name ? undefined : ownKeys[wanted]), cipher, true)),
				"missing",
			);
		}
		const short = { ...ownKeys, kek: new Uint8Array(15) };
		assert.equal(
			codeOf(() => loadFactoryKeys((name) => short[name as keyof typeof short], cipher, false)),
			"size",
		);
	});

	it("F03 forms identity and firmware parts out of the build's configuration", () => {
		const settings = boardSettings(
			goodConfig,
			loadFactoryKeys((name) => ownKeys[name], cipher, false),
		);
		assert.equal(Buffer.from(settings.identity.serialNumber).toString(), "12345678");
		assert.equal(settings.model.name, "ST402D");
		assert.equal(settings.size, "board");
		assert.equal(Buffer.from(settings.firmware.metrology.identifier).toString(), "SX402M 1.2.3");
		assert.deepEqual(settings.firmware.application.checksum, new Uint8Array(32).fill(0xcd));
	});

	it("SEC-opt orders programming mode only for a build that was told so", () => {
		const keys = loadFactoryKeys((name) => ownKeys[name], cipher, false);
		for (const [programming, isOrdered] of [
			[undefined, false],
			[false, false],
			["false", false],
			[1, false],
			[true, true],
			["true", true],
		] as const) {
			const { factorySecurity } = boardSettings({ ...goodConfig, programming }, keys);
			assert.equal(factorySecurity.allowsProgramming ?? false, isOrdered, String(programming));
			assert.equal(factorySecurity.masterKey, keys.masterKey);
		}
	});

	it("SEC-boot SEC-test: a build that accepts published keys says so in its identification, and no other does", () => {
		const keys = loadFactoryKeys((name) => ownKeys[name], cipher, false);
		const identification = (change: object): string =>
			Buffer.from(boardSettings({ ...goodConfig, ...change }, keys).firmware.application.identifier).toString();
		assert.equal(identification({}), "SX402A 1.2.3");
		assert.equal(identification({ allowTestKeys: "true" }), "SX402A 1.2.3 TEST KEYS");
	});

	it("refuses a configuration with something missing or wrong", () => {
		const keys = loadFactoryKeys((name) => ownKeys[name], cipher, false);
		for (const change of [
			{ model: "SM1" },
			{ serialNumber: -1 },
			{ serialNumber: "x" },
			{ version: "" },
			{ metrologyChecksum: "" },
			{ applicationChecksum: "AB".repeat(32) },
		]) {
			assert.equal(
				codeOf(() => boardSettings({ ...goodConfig, ...change }, keys)),
				"invalid",
				JSON.stringify(change),
			);
		}
	});
});
