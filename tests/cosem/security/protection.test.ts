// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { NodeCipher } from "../../../hosts/simulator/cipher/node-cipher.js";
import { NobleCipher } from "../../../hosts/xs/src/support/noble-cipher.js";
import { encodeLength } from "../../../src/cosem/codec/length.js";
import { Writer } from "../../../src/cosem/codec/writer.js";
import {
	finishProtected,
	headroom,
	Protection,
	plainCapacity,
	securityHeaderLength,
	tagLength,
} from "../../../src/cosem/security/protection.js";
import type { Cipher } from "../../../src/ports/cipher.js";
import { fromHex, hex } from "../support/hex.js";

interface CryptoCase {
	readonly id: string;
	readonly kind: string;
	readonly what: string;
	readonly [field: string]: string | number;
}

const path = new URL("../../vectors/dlms-crypto.json", import.meta.url);
const cases = (JSON.parse(readFileSync(path, "utf8")) as { cases: CryptoCase[] }).cases;
const ofKind = (kind: string): CryptoCase[] => cases.filter((vector) => vector.kind === kind);
const bytes = (vector: CryptoCase, field: string): Uint8Array => fromHex(vector[field] as string);

const ciphers: [string, Cipher][] = [
	["node:crypto", new NodeCipher()],
	["@noble", new NobleCipher()],
];

for (const [name, cipher] of ciphers) {
	describe(`protection with ${name}`, () => {
		const protection = new Protection(cipher);

		for (const vector of ofKind("protect")) {
			const control = bytes(vector, "securityControl")[0]!;
			const counter = vector["invocationCounter"] as number;
			const title = bytes(vector, "systemTitle");
			const encryptionKey = bytes(vector, "encryptionKey");
			const authenticationKey = bytes(vector, "authenticationKey");
			const apdu = vector["apdu"] as string;
			const isGeneral = apdu.startsWith("db");
			const plain = bytes(vector, "plaintext");

			it(`seals ${vector.id}, ${vector.what}`, () => {
				const w = new Writer(new Uint8Array(256).fill(0xa5));
				const start = 3;
				const from = start + headroom(isGeneral, 200);
				w.position = from;
				w.octets(plain);
				w.position = protection.seal(
					w.bytes,
					from,
					w.position,
					control,
					counter,
					title,
					encryptionKey,
					authenticationKey,
				);
				finishProtected(w, start, from, fromHex(apdu)[0]!, isGeneral ? title : undefined, control, counter);
				assert.equal(hex(w.bytes.subarray(start, w.position)), apdu);
				assert.equal(hex(w.bytes.subarray(0, start)), "a5a5a5");
			});

			it(`opens ${vector.id}, and refuses every flipped bit (SEC-tag)`, () => {
				const sealed = fromHex(apdu);
				const from = isGeneral ? 16 : 7;
				const open = (octets: Uint8Array, to = octets.length): number =>
					protection.open(octets, from, to, control, counter, title, encryptionKey, authenticationKey);
				const copy = sealed.slice();
				const end = open(copy);
				if ((control & 0x10) === 0) {
					assert.equal(end, -1); // not authenticated: never taken
					return;
				}
				assert.equal(hex(copy.subarray(from, end)), hex(plain));
				for (let bit = 8 * from; bit < 8 * sealed.length; bit++) {
					const forged = sealed.slice();
					forged[bit >> 3]! ^= 1 << (bit & 7);
					assert.equal(open(forged), -1);
				}
				for (let cut = 1; cut <= sealed.length - from; cut++)
					assert.equal(open(sealed.slice(), sealed.length - cut), -1);
			});
		}

		for (const vector of ofKind("hls5-gmac")) {
			it(`computes ${vector.id}, ${vector.what}`, () => {
				const result = bytes(vector, "result");
				const control = bytes(vector, "securityControl")[0]!;
				const tag = new Uint8Array(tagLength).fill(0xa5);
				const args = [
					bytes(vector, "challenge"),
					control,
					vector["invocationCounter"] as number,
					bytes(vector, "systemTitle"),
					bytes(vector, "encryptionKey"),
					bytes(vector, "authenticationKey"),
				] as const;
				protection.gmac(...args, tag);
				assert.equal(hex(tag), hex(result.subarray(securityHeaderLength)));
				assert.ok(protection.isGmac(...args, tag));
				tag[11]! ^= 1;
				assert.ok(!protection.isGmac(...args, tag));
			});
		}

		for (const vector of ofKind("keywrap")) {
			it(`wraps and unwraps ${vector.id}, ${vector.what}`, () => {
				const [kek, key, expected] = [bytes(vector, "kek"), bytes(vector, "key"), bytes(vector, "wrapped")];
				const wrapped = new Uint8Array(expected.length);
				cipher.wrapKey(kek, key, wrapped);
				assert.equal(hex(wrapped), hex(expected));
				const unwrapped = new Uint8Array(key.length);
				assert.ok(cipher.unwrapKey(kek, wrapped, unwrapped));
				assert.equal(hex(unwrapped), hex(key));
				for (let n = 0; n < wrapped.length; n++) {
					const forged = wrapped.slice();
					forged[n]! ^= 0x40;
					assert.ok(!cipher.unwrapKey(kek, forged, unwrapped));
				}
				assert.ok(!cipher.unwrapKey(kek, wrapped.subarray(0, 20), unwrapped));
			});
		}

		it("computes HLS 6, SHA-256 of secret, titles and challenges", () => {
			const vector = ofKind("hls6")[0]!;
			const fields = ["secret", "systemTitleSender", "systemTitleReceiver", "challengeReceived", "challengeSent"];
			const digest = new Uint8Array(32);
			cipher.sha256(new Uint8Array(Buffer.concat(fields.map((field) => bytes(vector, field)))), digest);
			assert.equal(hex(digest), vector["result"]);
		});

		for (const [kind, hash, size] of [
			["hls3", "md5", 16],
			["hls4", "sha1", 20],
		] as const) {
			it(`computes ${kind}, ${hash} of challenge and secret`, () => {
				const vector = ofKind(kind)[0]!;
				const digest = new Uint8Array(size);
				cipher.digest(hash, Buffer.concat([bytes(vector, "challenge"), bytes(vector, "secret")]), digest);
				assert.equal(hex(digest), vector["result"]);
			});
		}

		it("gives the SHA-384 example of FIPS 180-4", () => {
			const digest = new Uint8Array(48);
			cipher.digest("sha384", fromHex("616263"), digest);
			const abc = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7";
			assert.equal(hex(digest), abc);
		});

		for (const vector of ofKind("ecdsa")) {
			it(`verifies ${vector.id}, ${vector.what}, and signs so that it verifies`, () => {
				const [privateKey, publicKey, message, signature] = ["privateKey", "publicKey", "message", "signature"].map(
					(field) => bytes(vector, field),
				) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
				const derived = new Uint8Array(publicKey.length);
				assert.ok(cipher.publicKeyOf(privateKey, derived));
				assert.equal(hex(derived), hex(publicKey));
				assert.ok(cipher.verify(publicKey, message, signature));
				const own = new Uint8Array(signature.length);
				cipher.sign(privateKey, message, own);
				assert.ok(cipher.verify(publicKey, message, own));
				for (const at of [0, signature.length - 1]) {
					const forged = signature.slice();
					forged[at]! ^= 1;
					assert.ok(!cipher.verify(publicKey, message, forged));
				}
				assert.ok(!cipher.verify(publicKey, fromHex("00"), signature));
				assert.ok(!cipher.verify(publicKey, message, signature.subarray(1)));
			});

			it(`takes no key that is none of the curve of ${vector.id} (SEC-curve)`, () => {
				const [privateKey, publicKey, message, signature] = ["privateKey", "publicKey", "message", "signature"].map(
					(field) => bytes(vector, field),
				) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
				const off = publicKey.slice();
				off[off.length - 1]! ^= 1; // another y: not on the curve
				const into = new Uint8Array(privateKey.length).fill(0xa5);
				for (const wrong of [off, new Uint8Array(publicKey.length), publicKey.subarray(2)]) {
					assert.ok(!cipher.agree(privateKey, wrong, into));
					assert.ok(!cipher.verify(wrong, message, signature));
				}
				const ignored = new Uint8Array(publicKey.length);
				assert.ok(!cipher.publicKeyOf(new Uint8Array(privateKey.length), ignored));
				assert.ok(!cipher.publicKeyOf(new Uint8Array(privateKey.length).fill(0xff), ignored));
			});
		}

		it("agrees on the shared secret of RFC 5903 from both sides", () => {
			const vector = ofKind("ecdh")[0]!;
			for (const [own, other] of [
				["privateU", "publicV"],
				["privateV", "publicU"],
			] as const) {
				const z = new Uint8Array(32);
				assert.ok(cipher.agree(bytes(vector, own), bytes(vector, other), z));
				assert.equal(hex(z), vector["z"]);
			}
		});
	});
}

describe("protection", () => {
	it("gives the same octets with both ciphers", () => {
		const [node, noble] = ciphers.map(([, cipher]) => new Protection(cipher));
		fc.assert(
			fc.property(
				fc.uint8Array({ maxLength: 100 }),
				fc.constantFrom(0x10, 0x20, 0x30),
				fc.nat(0xffff_ffff),
				fc.uint8Array({ minLength: 40, maxLength: 40 }),
				(text, control, counter, material) => {
					const seal = (protection: Protection): string => {
						const buffer = new Uint8Array(text.length + tagLength);
						buffer.set(text);
						const [title, key, authenticationKey] = [
							material.slice(0, 8),
							material.slice(8, 24),
							material.slice(24, 40),
						] as const;
						const end = protection.seal(buffer, 0, text.length, control, counter, title, key, authenticationKey);
						return hex(buffer.subarray(0, end));
					};
					assert.equal(seal(node!), seal(noble!));
				},
			),
			{ numRuns: 50 },
		);
	});

	it("knows exactly how long a plain APDU may be", () => {
		for (const isGeneral of [false, true]) {
			const total = (plain: number): number => {
				const w = new Writer(8);
				encodeLength(w, securityHeaderLength + plain + tagLength);
				return 1 + (isGeneral ? 9 : 0) + w.position + securityHeaderLength + plain + tagLength;
			};
			for (let size = 40; size < 700; size++) {
				const capacity = plainCapacity(isGeneral, size);
				assert.ok(total(capacity) <= size && total(capacity + 1) > size, `${size}: ${capacity}`);
				assert.ok(headroom(isGeneral, size) >= total(capacity) - capacity - tagLength);
			}
			assert.ok(total(plainCapacity(isGeneral, 0xffff)) <= 0xffff);
		}
	});
});
