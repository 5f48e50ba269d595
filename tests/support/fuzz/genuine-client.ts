// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, X509Certificate } from "node:crypto";
import {
	makeTestCertificates,
	privateKeyPem,
	type TestKeyPair,
} from "../../../hosts/simulator/factory/certificates.js";
import { Grid } from "../../../hosts/simulator/grid/grid.js";
import { manufacture } from "../../../hosts/simulator/identity.js";
import { SeededRandom } from "../../../hosts/simulator/random.js";
import { SimulatedMeter } from "../../../hosts/simulator/simulated-meter.js";
import { MemoryFlash } from "../../../hosts/simulator/storage/memory-flash.js";
import { type Draw, mutate } from "../../../hosts/xs/src/support/draw.js";
import { Writer } from "../../../src/cosem/codec/writer.js";
import { st402d } from "../../../src/models/model.js";
import type { Cipher } from "../../../src/ports/cipher.js";
import { flashLayout } from "../../../src/storage/layout.js";
import { decodeAare, encodeAarq, encodeInitiateRequest } from "../client/acse.js";
import { concat, encodeLength } from "../client/bytes.js";
import { asOctets, data, ref } from "../client/data.js";
import type { GeneralOptions, KeyInfo } from "../client/general.js";
import { type ClientKeys, pointOf, signAs, signatureProof } from "../client/public-keys.js";
import { challengeResponse, SecureSession, seal } from "../client/security.js";
import { decodeResponse, encodeAction, encodeGet, encodeSet } from "../client/services.js";
import { clientSap, clientTitle, testKeys, testSecurity } from "../client/test-client.js";

const start_s = 800_000_000;
/** Locks are over by then. */
const lock_ms = 2000;
const responseSize = 0xffff + 64;
const keyKinds: readonly (KeyInfo | undefined)[] = ["unicast", "wrapped", "known", undefined];
const agreedKinds: readonly (KeyInfo | undefined)[] = ["onePass", "unified"];
const ecdsa = 7;
const gmac = 5;
const reply = { ref: ref(15, "0-0:40.0.0.255"), method: 1 };
const clock = { ref: ref(8, "0-0:1.0.0.255"), attribute: 2 };

function keysOf(seed: number, suite: 1 | 2, serverTitle: Uint8Array): ClientKeys {
	const { authority, client, server } = makeTestCertificates(seed, suite, serverTitle);
	const key = (pair: TestKeyPair): ReturnType<typeof createPrivateKey> => createPrivateKey(privateKeyPem(pair));
	const certificate = (der: Uint8Array): X509Certificate => new X509Certificate(der);
	return {
		suite,
		signing: key(client.signature),
		agreeing: key(client.agreement),
		ca: certificate(authority.certificate),
		serverSignature: certificate(server.signature.certificate).publicKey,
		serverAgreement: certificate(server.agreement.certificate).publicKey,
	};
}

/**
 * Management of a whole meter of a suite, with everything it needs to be believed: keys, certificates, agreed keys and signatures.
 * What it says inside of them is hostile.
 */
export class GenuineClient {
	readonly suite: 0 | 1 | 2;
	readonly #simulated: SimulatedMeter;
	readonly #session: SecureSession;
	readonly #general: GeneralOptions;
	readonly #keys: ClientKeys | undefined;
	readonly #link: number;
	readonly #draw: Draw;
	readonly #response = new Writer(responseSize);
	/** What went into the log of the meter. */
	readonly log: string[] = [];

	constructor(suite: 0 | 1 | 2, draw: Draw, cipher?: Cipher) {
		this.suite = suite;
		this.#draw = draw;
		const identity = manufacture(st402d, 1);
		this.#simulated = new SimulatedMeter({
			model: st402d,
			identity,
			terminals: new Grid({ phases: st402d.phases, frequency_Hz: 50, voltage_V: 230 }),
			seed: 1,
			suite,
			hasNoise: false,
			flash: new MemoryFlash(flashLayout("desktop").sectorCount),
			random: new SeededRandom(1 + draw(1000), "links"),
			rtc_s: start_s,
			pace: { begin: () => undefined, isSpent: draw(2) === 0 },
			...(cipher && { cipher }),
			log: { write: (level, area, text) => void (level === "error" && this.log.push(`${area}: ${text}`)) },
		});
		this.pass(5000);
		const key = (octets: Uint8Array): Uint8Array => (suite === 2 ? concat(octets, octets) : octets);
		if (suite !== 0) this.#keys = keysOf(1, suite, identity.systemTitle);
		this.#general = { transaction: 1, masterKey: key(testKeys.masterKey), keys: this.#keys };
		const security = testSecurity({
			control: 0x30 + suite,
			unicastKey: key(testKeys.unicastKey),
			authenticationKey: key(testKeys.authenticationKey),
			broadcastKey: key(testKeys.broadcastKey),
			general: this.#general,
		});
		this.#session = new SecureSession(security);
		this.#session.serverTitle = identity.systemTitle;
		this.#link = this.#simulated.handler.open({ port: "tcp", name: "genuine" });
	}

	/** Time passes for the meter. */
	pass(time_ms: number): void {
		this.#simulated.runTo(this.#simulated.monotonic_ms() + time_ms);
	}

	/** What the meter answers to octets, as it is. @param mayLeave does not always wait for what takes several turns: the next request ends it */
	send(apdu: Uint8Array, mayLeave = false): Uint8Array {
		const response = this.#response;
		const { handler } = this.#simulated;
		const state = { isResting: false, hasAnswer: false };
		const late = {
			begins: () => {
				state.isResting = true;
			},
			ends(hasAnswer: boolean) {
				state.isResting = false;
				state.hasAnswer = hasAnswer;
			},
		};
		const { management } = clientSap;
		const isReady = handler.handle(this.#link, management, 1, apdu.slice(), 0, apdu.length, response, late);
		while (state.isResting && !(mayLeave && this.#draw(40) === 0)) {
			if (this.#draw(8) === 0) this.pass(100);
			handler.advance(this.#simulated.monotonic_ms());
		}
		return isReady || state.hasAnswer ? response.bytes.slice(0, response.position) : new Uint8Array(0);
	}

	/** Opens the association, with both proofs; false when the meter does not take this client any more. */
	open(): boolean {
		this.pass(lock_ms);
		Object.assign(this.#general, { key: undefined, sign: undefined, ...plainFields });
		const challenge = new Uint8Array(32).map(() => this.#draw(256));
		const way = this.#keys === undefined ? gmac : ecdsa;
		const initiate = encodeInitiateRequest({ conformance: 0x60_7edf, maximumPduSize: 0xffff });
		const aarq = encodeAarq({
			context: 3,
			systemTitle: clientTitle,
			mechanism: way,
			authenticationValue: challenge,
			userInformation: this.#session.protect(initiate),
		});
		const aare = this.send(aarq);
		if (aare[0] !== 0x61) return false;
		const { result, authenticationValue, userInformation } = decodeAare(aare);
		if (result !== 0 || userInformation === undefined) return false;
		this.#session.unprotect(userInformation);
		const server = authenticationValue!;
		const titles = { clientTitle, serverTitle: this.#session.serverTitle! };
		const proof =
			this.#keys === undefined
				? challengeResponse(server, this.#session.nextInput("global"))
				: signatureProof(this.#keys).answer({ ...titles, client: challenge, server });
		const answer = this.send(this.#session.protect(encodeAction({ id: 0 }, reply, data.octetString(proof))));
		if (answer.length === 0 || answer[0] === 0xd8) return false;
		const decoded = decodeResponse(this.#session.unprotect(answer));
		return decoded.kind === "action" && decoded.value.result === 0;
	}

	/** Has the port lock this client out for no longer than a second; false when it does not. */
	soften(): boolean {
		const longestLockout = { ref: ref(124, "0-0:44.2.3.255"), attribute: 6 };
		Object.assign(this.#general, { key: undefined, sign: undefined, ...plainFields });
		const request = encodeSet({ id: 1 }, longestLockout, data.doubleLongUnsigned(1));
		const answer = decodeResponse(this.ask(this.#session.protect(request)));
		return answer.kind === "set" && answer.result === 0;
	}

	/** The octets of a request whose protection is right in every layer, of a form that is drawn. */
	dress(plain: Uint8Array): Uint8Array {
		const draw = this.#draw;
		const general = this.#general;
		const side = this.#session.general!;
		const kinds = this.#keys === undefined || draw(2) === 0 ? keyKinds : agreedKinds;
		general.key = kinds[draw(kinds.length)];
		general.sign = this.#keys === undefined || draw(2) === 0 ? undefined : draw(2) === 0 ? "inside" : "outside";
		general.signsLength = draw(2) === 0;
		general.signsParameters = draw(2) === 0;
		Object.assign(general, draw(4) === 0 ? this.oddFields() : plainFields);
		if (this.#keys === undefined) return this.#session.protect(plain);
		switch (draw(12)) {
			case 0: // genuine cipher around a signed text that was changed after it was signed
				general.sign = undefined;
				return this.#session.protect(mutate(side.sign(plain), draw, 1));
			case 1: {
				// genuine signature over a ciphered text that was changed after it was ciphered
				general.sign = undefined;
				return side.sign(mutate(this.#session.protect(plain), draw, 1));
			}
			case 2:
				return this.oddKey(plain);
			default:
				return this.#session.protect(plain);
		}
	}

	/** Fields of lengths and contents that clients do not have, but that are authenticated all the same. */
	private oddFields(): Partial<GeneralOptions> {
		const draw = this.#draw;
		const octets = (count: number): Uint8Array => new Uint8Array(count).map(() => draw(256));
		return {
			transactionId: draw(2) === 0 ? undefined : octets(draw(40)),
			dateTime: draw(2) === 0 ? undefined : octets(draw(3) === 0 ? draw(14) : 12),
			otherInformation: draw(2) === 0 ? undefined : octets(draw(80)),
			originator: draw(8) === 0 ? octets(8) : undefined,
			recipient: draw(8) === 0 ? octets(draw(10)) : undefined,
		};
	}

	/** An ephemeral key that is none of the curve, or changed otherwise, with a genuine signature over it. */
	private oddKey(plain: Uint8Array): Uint8Array {
		const draw = this.#draw;
		const keys = this.#keys!;
		const input = this.#session.nextInput();
		const fields = this.#session.general!.fields();
		this.#general.transaction++;
		const size = pointOf(keys.serverAgreement).length;
		const point = draw(3) === 0 ? new Uint8Array(size) : mutate(pointOf(keys.serverAgreement), draw);
		const signature = signAs(keys.signing, keys.suite, point);
		const content = concat(point, signature);
		const info = concat(1, 2, 1, 1, encodeLength(content.length), content);
		const sealed = seal(plain, { ...input, fields });
		return concat(0xdd, fields, info, encodeLength(sealed.length), sealed);
	}

	/**
	 * Sends octets; the plain answer, an exception as it is, nothing without one.
	 * @throws when the answer is protected in another form than the request, or its protection does not hold
	 */
	ask(octets: Uint8Array, mayLeave = false): Uint8Array {
		const answer = this.send(octets, mayLeave);
		if (answer.length === 0 || answer[0] === 0xd8) return answer;
		const tag = octets[0]!;
		const wanted = tag < 0xd8 ? tag + 4 : tag;
		if (answer[0] !== wanted) throw new Error(`answered in the form ${answer[0]} to ${tag}`);
		return this.#session.unprotect(answer);
	}

	/** GET of the clock, signed and under an agreed key where the suite has them. */
	validRequest(): Uint8Array {
		const { suite } = this;
		Object.assign(this.#general, plainFields, { signsLength: false, signsParameters: false });
		Object.assign(
			this.#general,
			suite === 0 ? { key: "wrapped", sign: undefined } : { key: "onePass", sign: "inside" },
		);
		return this.#session.protect(encodeGet({ id: 1 }, clock));
	}

	/** A valid request is served. */
	isServed(): boolean {
		const answer = this.ask(this.validRequest());
		if (answer.length === 0 || answer[0] === 0xd8) return false;
		const decoded = decodeResponse(answer);
		return decoded.kind === "get" && decoded.value.result === 0 && asOctets(decoded.value.data!).length === 12;
	}
}

const plainFields: Partial<GeneralOptions> = Object.freeze({
	transactionId: undefined,
	dateTime: undefined,
	otherInformation: undefined,
	originator: undefined,
	recipient: undefined,
});
