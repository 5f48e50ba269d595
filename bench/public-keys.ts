// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createECDH, generateKeyPairSync, sign, verify } from "node:crypto";
import { NodeCipher } from "../hosts/simulator/cipher/node-cipher.js";
import { generator } from "../hosts/xs/src/support/draw.js";
import type { Cipher } from "../src/ports/cipher.js";
import { GenuineClient } from "../tests/support/fuzz/genuine-client.js";
import { type Bench, type Figure, timePerCall_s } from "./bench.js";

const area = "public keys";
const curves = {
	1: { name: "P-256", ecdh: "prime256v1", hash: "sha256", size: 32 },
	2: { name: "P-384", ecdh: "secp384r1", hash: "sha384", size: 48 },
} as const;
const message = Uint8Array.from({ length: 100 }, (_, n) => n);
/** Requests made beforehand: only the meter's part is timed. */
const requests = 150;

type Operation = "sign" | "verify" | "agree" | "publicKeyOf";

/** The cipher of the simulator, counting what it does with public keys. */
class CountingCipher extends NodeCipher implements Cipher {
	readonly counts: Record<Operation, number> = { sign: 0, verify: 0, agree: 0, publicKeyOf: 0 };

	override sign(...given: Parameters<NodeCipher["sign"]>): void {
		this.counts.sign++;
		super.sign(...given);
	}

	override verify(...given: Parameters<NodeCipher["verify"]>): boolean {
		this.counts.verify++;
		return super.verify(...given);
	}

	override agree(...given: Parameters<NodeCipher["agree"]>): boolean {
		this.counts.agree++;
		return super.agree(...given);
	}

	override publicKeyOf(...given: Parameters<NodeCipher["publicKeyOf"]>): boolean {
		this.counts.publicKeyOf++;
		return super.publicKeyOf(...given);
	}
}

/** Each operation through the port, where keys are octets, to the same of node with keys made ready. */
function operations(suite: 1 | 2): Figure[] {
	const { name, ecdh, hash, size } = curves[suite];
	const cipher = new NodeCipher();
	const own = createECDH(ecdh);
	own.generateKeys();
	const peer = createECDH(ecdh);
	const peerPoint = peer.generateKeys();
	const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: ecdh });
	const options = { dsaEncoding: "ieee-p1363" } as const;
	const signed = sign(hash, message, { key: privateKey, ...options });
	const ownKey = new Uint8Array(size);
	ownKey.set(own.getPrivateKey(), size - own.getPrivateKey().length);
	const ownPoint = Uint8Array.from(own.getPublicKey().subarray(1));
	const signature = new Uint8Array(2 * size);
	cipher.sign(ownKey, message, signature);
	const secret = new Uint8Array(size);
	const ratio = (what: string, work: () => number, plain: () => number): Figure => ({
		area,
		name: `${what}, ${name}`,
		value: timePerCall_s(work) / timePerCall_s(plain),
		unit: "x",
		reference: "the same of node:crypto with the keys made ready",
	});
	return [
		ratio(
			"ECDSA sign",
			() => {
				cipher.sign(ownKey, message, signature);
				return 1;
			},
			() => sign(hash, message, { key: privateKey, ...options }).length,
		),
		ratio(
			"ECDSA verify",
			() => Number(cipher.verify(ownPoint, message, signature)),
			() => Number(verify(hash, message, { key: publicKey, ...options }, signed)),
		),
		ratio(
			"ECDH agree",
			() => Number(cipher.agree(ownKey, peerPoint.subarray(1), secret)),
			() => own.computeSecret(peerPoint).length,
		),
	];
}

/** A signed GET under agreed keys: what it takes of public keys, and how much of its time that is. */
function signedGet(suite: 1 | 2): Figure[] {
	const { name } = curves[suite];
	const cipher = new CountingCipher();
	const client = new GenuineClient(suite, generator(5), cipher);
	assert.ok(client.open());
	assert.ok(client.isServed());
	const before = { ...cipher.counts };
	const ready = Array.from({ length: requests }, () => client.validRequest());
	const begin_ms = performance.now();
	for (const request of ready) assert.equal(client.send(request)[0], 0xdd);
	const served_s = (performance.now() - begin_ms) / 1000 / requests;
	const counted = (operation: Operation): number => (cipher.counts[operation] - before[operation]) / requests;
	const signature = new Uint8Array(2 * curves[suite].size);
	const key = new Uint8Array(curves[suite].size).fill(1);
	const sign_s = timePerCall_s(() => {
		new NodeCipher().sign(key, message, signature);
		return 1;
	});
	const what = `GET signed, with keys agreed on (suite ${suite})`;
	return [
		...(["sign", "verify", "agree", "publicKeyOf"] as const).map((operation) => ({
			area,
			name: `${what}: ${operation}`,
			value: counted(operation),
			unit: "operations",
			reference: `of ${name}, request and answer together`,
		})),
		{ area, name: what, value: served_s / sign_s, unit: "x", reference: `one ECDSA signature with ${name}` },
	];
}

export const publicKeysBench: Bench = {
	area,
	run: () => ([1, 2] as const).flatMap((suite) => [...operations(suite), ...signedGet(suite)]),
};
