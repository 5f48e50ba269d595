// SPDX-License-Identifier: Apache-2.0

import { concat } from "../../core/concat.js";
import { areEqual } from "../../core/equal-octets.js";
import type { Cipher, HashName } from "../../ports/cipher.js";
import type { Application } from "../application.js";
import { type Association, associationStatus, type Handshake } from "../association/association.js";
import { mechanism } from "../association/client.js";
import type { Opening } from "../association/opening.js";
import { decodeOctetString, encodeOctetString } from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { dataAccessResult } from "../result.js";
import { minimumSecretLength } from "./security-setup-state.js";

/** Octets of the digests of mechanisms 3, 4 and 6. */
const digestLength: { readonly [mechanism: number]: number } = Object.freeze({
	[mechanism.highMd5]: 16,
	[mechanism.highSha1]: 20,
	[mechanism.highSha256]: 32,
});

function digest(cipher: Cipher, way: number, message: Uint8Array): Uint8Array {
	const into = new Uint8Array(digestLength[way]!);
	if (way === mechanism.highSha256) cipher.sha256(message, into);
	else cipher.digest((way === mechanism.highMd5 ? "md5" : "sha1") as HashName, message, into);
	message.fill(0);
	return into;
}

/** Passes 3 and 4 of every HLS mechanism: GMAC by its own object, the others here (Green Book 9.2.7.4). */
export class Handshakes implements Handshake {
	readonly #gmac: Handshake;
	readonly #application: Application;

	constructor(gmac: Handshake, application: Application) {
		this.#gmac = gmac;
		this.#application = application;
	}

	reply(association: Association, r: Reader, w: Writer): number {
		const { opening, setup } = association;
		if (association.status !== associationStatus.pending || opening === undefined || setup === undefined) {
			return dataAccessResult.scopeOfAccessViolated;
		}
		const way = opening.mechanism;
		if (way === mechanism.highGmac) return this.#gmac.reply(association, r, w);
		const proof = decodeOctetString(r);
		const own =
			way === mechanism.highEcdsa
				? this.signed(association, opening, proof)
				: this.hashed(association, opening, setup.secret, proof);
		if (own === undefined) return dataAccessResult.otherReason;
		encodeOctetString(w, own);
		association.succeed();
		return dataAccessResult.success;
	}

	/** Mechanisms 3 and 4: hash(challenge || secret); 6: SHA-256(secret || titles || challenges). */
	private hashed(
		association: Association,
		opening: Opening,
		secret: Uint8Array,
		proof: Uint8Array,
	): Uint8Array | undefined {
		const { clientTitle, home } = association;
		const { mechanism: way, serverChallenge, clientChallenge } = opening;
		const title = this.#application.identity.systemTitle;
		if (secret.length < minimumSecretLength) return undefined;
		const isWithTitles = way === mechanism.highSha256;
		const expected = digest(
			home.cipher,
			way,
			isWithTitles
				? concat(secret, clientTitle, title, serverChallenge, clientChallenge)
				: concat(serverChallenge, secret),
		);
		if (!areEqual(proof, expected)) return undefined;
		return digest(
			home.cipher,
			way,
			isWithTitles
				? concat(secret, title, clientTitle, clientChallenge, serverChallenge)
				: concat(clientChallenge, secret),
		);
	}

	/** Mechanism 7: ECDSA over titles and challenges, the signer's first. */
	private signed(association: Association, opening: Opening, proof: Uint8Array): Uint8Array | undefined {
		const { clientTitle, home, setup } = association;
		const { serverChallenge, clientChallenge } = opening;
		const { security, identity } = this.#application;
		const title = identity.systemTitle;
		if (setup === undefined || setup.suite === 0) return undefined;
		const keys = security.publicKeys(setup.suite, home, this.#application);
		const message = concat(clientTitle, title, serverChallenge, clientChallenge);
		if (!keys.verify(clientTitle, message, proof, association.keys?.clientKey)) return undefined;
		const signature = keys.sign(concat(title, clientTitle, clientChallenge, serverChallenge));
		security.used(keys, setup.number);
		return signature;
	}
}
