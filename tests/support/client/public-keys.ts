// SPDX-License-Identifier: Apache-2.0
import {
	createECDH,
	createHash,
	createPrivateKey,
	createPublicKey,
	type KeyObject,
	sign,
	verify,
	X509Certificate,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChallengeProof, Challenges } from "./association.js";
import { concat, fromHex } from "./bytes.js";

/** Keys and certificates of a client of suite 1 or 2, and the certificates of its meter. */
export interface ClientKeys {
	readonly suite: 1 | 2;
	readonly signing: KeyObject;
	readonly agreeing: KeyObject;
	readonly ca: X509Certificate;
	/** Public keys of the meter. */
	readonly serverSignature: KeyObject;
	readonly serverAgreement: KeyObject;
}

/** Reads the PEM files a simulated meter leaves in its data folder. */
export function readClientKeys(folder: string, suite: 1 | 2): ClientKeys {
	const read = (name: string): Buffer => readFileSync(join(folder, "certificates", `${name}.pem`));
	const certificate = (name: string): X509Certificate => new X509Certificate(read(name));
	return {
		suite,
		signing: createPrivateKey(read("client-signature-key")),
		agreeing: createPrivateKey(read("client-agreement-key")),
		ca: certificate("ca"),
		serverSignature: certificate("server-signature").publicKey,
		serverAgreement: certificate("server-agreement").publicKey,
	};
}

function hashOf(suite: 1 | 2): string {
	return suite === 1 ? "sha256" : "sha384";
}

/** r || s */
export function signAs(key: KeyObject, suite: 1 | 2, message: Uint8Array): Uint8Array {
	return Uint8Array.from(sign(hashOf(suite), message, { key, dsaEncoding: "ieee-p1363" }));
}

export function isSigned(key: KeyObject, suite: 1 | 2, message: Uint8Array, signature: Uint8Array): boolean {
	return verify(hashOf(suite), message, { key, dsaEncoding: "ieee-p1363" }, signature);
}

/** x || y of a public key. */
export function pointOf(key: KeyObject): Uint8Array {
	const { x, y } = key.export({ format: "jwk" });
	return Uint8Array.from(Buffer.concat([Buffer.from(x as string, "base64url"), Buffer.from(y as string, "base64url")]));
}

/** HLS mechanism 7. */
export function signatureProof(keys: ClientKeys): ChallengeProof {
	return {
		answer: (c: Challenges) =>
			signAs(keys.signing, keys.suite, concat(c.clientTitle, c.serverTitle, c.server, c.client)),
		isRight: (answer, c) =>
			isSigned(keys.serverSignature, keys.suite, concat(c.serverTitle, c.clientTitle, c.client, c.server), answer),
	};
}

/** HLS mechanisms 3 and 4. */
export function hashProof(hash: "md5" | "sha1", secret: Uint8Array): ChallengeProof {
	const digest = (challenge: Uint8Array): Buffer => createHash(hash).update(challenge).update(secret).digest();
	return {
		answer: (c) => Uint8Array.from(digest(c.server)),
		isRight: (answer, c) => digest(c.client).equals(answer),
	};
}

/** HLS mechanism 6. */
export function sha256Proof(secret: Uint8Array): ChallengeProof {
	const digest = (...parts: Uint8Array[]): Buffer =>
		createHash("sha256")
			.update(concat(secret, ...parts))
			.digest();
	return {
		answer: (c) => Uint8Array.from(digest(c.clientTitle, c.serverTitle, c.server, c.client)),
		isRight: (answer, c) => digest(c.serverTitle, c.clientTitle, c.client, c.server).equals(answer),
	};
}

/** A key pair for one agreement. */
export class Ephemeral {
	readonly publicKey: Uint8Array;
	readonly #ecdh;

	constructor(suite: 1 | 2, privateKey?: KeyObject) {
		this.#ecdh = createECDH(suite === 1 ? "prime256v1" : "secp384r1");
		if (privateKey === undefined) this.#ecdh.generateKeys();
		else this.#ecdh.setPrivateKey(Buffer.from(privateKey.export({ format: "jwk" }).d as string, "base64url"));
		this.publicKey = Uint8Array.from(this.#ecdh.getPublicKey().subarray(1));
	}

	agree(other: Uint8Array): Uint8Array {
		return Uint8Array.from(this.#ecdh.computeSecret(Buffer.concat([Buffer.of(4), other])));
	}
}

/** NIST SP 800-56A one-step derivation; `party` is everything behind the algorithm. */
export function derive(suite: 1 | 2, z: Uint8Array, isWrapping: boolean, ...party: Uint8Array[]): Uint8Array {
	const algorithm = (isWrapping ? 2 : 0) + (suite - 1);
	const input = concat(fromHex("00000001"), z, fromHex("608574050803"), algorithm, ...party);
	return Uint8Array.from(
		createHash(hashOf(suite))
			.update(input)
			.digest()
			.subarray(0, suite === 1 ? 16 : 32),
	);
}

export function publicKeyOf(der: Uint8Array): KeyObject {
	return createPublicKey(new X509Certificate(der).publicKey.export({ type: "spki", format: "pem" }));
}
