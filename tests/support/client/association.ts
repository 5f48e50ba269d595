// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import {
	type AssociationResponse,
	conformance,
	decodeAare,
	decodeInitiateResponse,
	decodeRlre,
	encodeAarq,
	encodeInitiateRequest,
	encodeRlrq,
	type InitiateResponse,
} from "./acse.js";
import { toHex } from "./bytes.js";
import { asOctets, data, ref } from "./data.js";
import { AssociationRefusedError, ProtocolError, throwIfError } from "./errors.js";
import { type ClientSecurity, challengeResponse, isCipheredAnswer, SecureSession, SecurityError } from "./security.js";
import { decodeResponse, encodeAction } from "./services.js";
import type { ApduLink } from "./wrapper.js";

/** Authentication mechanisms this client knows. */
export const mechanism = Object.freeze({
	lowest: 0,
	low: 1,
	highMd5: 3,
	highSha1: 4,
	highGmac: 5,
	highSha256: 6,
	highEcdsa: 7,
});

/** What both sides of an authentication know. */
export interface Challenges {
	readonly clientTitle: Uint8Array;
	readonly serverTitle: Uint8Array;
	readonly client: Uint8Array;
	readonly server: Uint8Array;
}

/** Passes 3 and 4 of a mechanism other than GMAC. */
export interface ChallengeProof {
	answer(challenges: Challenges): Uint8Array;
	isRight(answer: Uint8Array, challenges: Challenges): boolean;
}

export const applicationContext = Object.freeze({ logicalNames: 1, logicalNamesCiphered: 3 });

/** Who wants to be associated, and how. */
export interface AssociationOptions {
	readonly clientSap: number;
	/** 1 unless given. */
	readonly serverSap?: number | undefined;
	/** HLS 5 with security, otherwise the lowest, unless given. */
	readonly mechanism?: number | undefined;
	/** With ciphering when there is security, unless given. */
	readonly context?: number | undefined;
	readonly security?: ClientSecurity | undefined;
	/** Password of the mechanism `low`. */
	readonly password?: Uint8Array | undefined;
	/** Needed by the mechanisms 3, 4, 6 and 7. */
	readonly proof?: ChallengeProof | undefined;
	/** Own challenge; 32 random octets unless given. */
	readonly challenge?: Uint8Array | undefined;
	/** Proposed; everything this client can do unless given. */
	readonly conformance?: number | undefined;
	/** client-max-receive-pdu-size; 65535 unless given, 0 = no limit. */
	readonly maximumPduSize?: number | undefined;
	readonly userId?: number | undefined;
	/** DER of the own certificate, to go with the AARQ. */
	readonly certificate?: Uint8Array | undefined;
}

/** What this client can do. */
export const fullConformance = conformance(
	"generalProtection",
	"attribute0WithSet",
	"priorityManagement",
	"attribute0WithGet",
	"blockTransferWithGet",
	"blockTransferWithSet",
	"blockTransferWithAction",
	"multipleReferences",
	"get",
	"set",
	"selectiveAccess",
	"action",
);

/** The association as the meter granted it. */
export interface AgreedAssociation {
	readonly response: AssociationResponse;
	readonly initiate: InitiateResponse;
}

export type ApduDirection = "sent" | "received";

/** One association of a client over one link, and the protection of its APDUs. */
export class Association {
	readonly link: ApduLink;
	readonly options: AssociationOptions;
	readonly session: SecureSession | undefined;
	agreed: AgreedAssociation | undefined;
	/** Every APDU as it is on the link. */
	trace: (direction: ApduDirection, apdu: Uint8Array) => void = () => undefined;

	constructor(link: ApduLink, options: AssociationOptions) {
		this.link = link;
		this.options = options;
		this.session = options.security === undefined ? undefined : new SecureSession(options.security);
	}

	/** Sends octets as they are. */
	async sendRaw(apdu: Uint8Array): Promise<void> {
		this.trace("sent", apdu);
		await this.link.send(apdu);
	}

	/** The next APDU as it is on the link. */
	async receiveRaw(timeout_ms?: number): Promise<Uint8Array> {
		const apdu = await this.link.receive(timeout_ms);
		this.trace("received", apdu);
		return apdu;
	}

	/** Sends a plain APDU protected as agreed. */
	async send(apdu: Uint8Array): Promise<void> {
		await this.sendRaw(this.session?.protect(apdu) ?? apdu);
	}

	/**
	 * The next APDU without its protection.
	 * @throws ExceptionResponseError, ConfirmedServiceErrorError, SecurityError
	 */
	async receive(timeout_ms?: number): Promise<Uint8Array> {
		const raw = await this.receiveRaw(timeout_ms);
		throwIfError(raw);
		const plain = this.session?.unprotect(raw) ?? raw;
		throwIfError(plain);
		return plain;
	}

	/** One request and its answer, both protected as agreed. */
	async exchange(apdu: Uint8Array): Promise<Uint8Array> {
		await this.send(apdu);
		return this.receive();
	}

	#initiateRequest(): Uint8Array {
		const { options, session } = this;
		const plain = encodeInitiateRequest({
			...(options.security?.dedicatedKey === undefined ? {} : { dedicatedKey: options.security.dedicatedKey }),
			conformance: options.conformance ?? fullConformance,
			maximumPduSize: options.maximumPduSize ?? 0xffff,
		});
		if (session === undefined) return plain;
		// there is no dedicated form of it: the key is inside
		return session.protect(plain, session.form.startsWith("general") ? "generalGlobal" : "global");
	}

	/** The octets of the AARQ; each call takes a new invocation counter. */
	request(challenge: Uint8Array | undefined): Uint8Array {
		const { options } = this;
		const hasSecurity = options.security !== undefined;
		const wanted = options.mechanism ?? (hasSecurity ? mechanism.highGmac : mechanism.lowest);
		return encodeAarq({
			context:
				options.context ?? (hasSecurity ? applicationContext.logicalNamesCiphered : applicationContext.logicalNames),
			systemTitle: options.security?.systemTitle,
			certificate: options.certificate,
			userId: options.userId,
			mechanism: wanted === mechanism.lowest ? undefined : wanted,
			authenticationValue: wanted === mechanism.low ? options.password : challenge,
			userInformation: this.#initiateRequest(),
		});
	}

	/**
	 * AARQ, AARE and with HLS 5 the mutual authentication.
	 * @throws AssociationRefusedError, and whatever `receive` throws
	 */
	async open(): Promise<AgreedAssociation> {
		const { options, session } = this;
		const way = options.mechanism ?? (session === undefined ? 0 : mechanism.highGmac);
		const challenge = way > mechanism.low ? (options.challenge ?? Uint8Array.from(randomBytes(32))) : undefined;
		await this.sendRaw(this.request(challenge));
		const raw = await this.receiveRaw();
		throwIfError(raw);
		const response = decodeAare(raw);
		if (response.result !== 0 || response.userInformation === undefined) throw new AssociationRefusedError(response);
		if (session !== undefined) session.serverTitle = response.systemTitle;
		const information = response.userInformation;
		const plain =
			session !== undefined && isCipheredAnswer(information[0]!) ? session.unprotect(information) : information;
		throwIfError(plain);
		if (session !== undefined && plain === information) throw new SecurityError("initiate response is not protected");
		const agreed = { response, initiate: decodeInitiateResponse(plain) };
		if (challenge !== undefined) await this.#prove(way, challenge, response, raw);
		this.agreed = agreed;
		return agreed;
	}

	/** Passes 3 and 4. */
	async #prove(way: number, challenge: Uint8Array, response: AssociationResponse, raw: Uint8Array): Promise<void> {
		const { session } = this;
		const { proof } = this.options;
		const challengeOfMeter = response.authenticationValue;
		if (session === undefined || challengeOfMeter === undefined || response.mechanism !== way) {
			throw new ProtocolError("no challenge of the meter", raw);
		}
		const challenges: Challenges = {
			clientTitle: session.security.systemTitle,
			serverTitle: session.serverTitle!,
			client: challenge,
			server: challengeOfMeter,
		};
		const reply = data.octetString(
			proof === undefined ? challengeResponse(challengeOfMeter, session.nextInput("global")) : proof.answer(challenges),
		);
		const method = { ref: ref(15, "0-0:40.0.0.255"), method: 1 };
		const plain = await this.exchange(encodeAction({ id: 0 }, method, reply));
		const answer = decodeResponse(plain);
		if (answer.kind !== "action") throw new ProtocolError("not an answer to an action", plain);
		if (answer.value.result !== 0 || answer.value.data === undefined) {
			throw new AssociationRefusedError({ ...response, diagnostic: answer.value.result });
		}
		const own = asOctets(answer.value.data);
		if (proof === undefined) this.#verify(own, challenge);
		else if (!proof.isRight(own, challenges)) throw new SecurityError("the meter cannot answer our challenge");
	}

	/** Compares the answer of the meter to our challenge with what it must be. */
	#verify(answer: Uint8Array, challenge: Uint8Array): void {
		const session = this.session!;
		const counter = new DataView(answer.buffer, answer.byteOffset).getUint32(1);
		const expected = challengeResponse(challenge, {
			control: answer[0]!,
			invocationCounter: counter,
			systemTitle: session.serverTitle!,
			encryptionKey: session.security.unicastKey,
			authenticationKey: session.security.authenticationKey,
		});
		if (toHex(answer) !== toHex(expected)) throw new SecurityError("the meter cannot answer our challenge");
	}

	/** RLRQ and RLRE; protected in a ciphered association. */
	async release(reason = 0): Promise<void> {
		const information = this.session === undefined ? undefined : this.#initiateRequest();
		await this.sendRaw(encodeRlrq(reason, information));
		const raw = await this.receiveRaw();
		throwIfError(raw);
		const { userInformation } = decodeRlre(raw);
		if (userInformation !== undefined) {
			decodeInitiateResponse(this.session?.unprotect(userInformation) ?? userInformation);
		}
		this.agreed = undefined;
	}
}
