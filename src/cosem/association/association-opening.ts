// SPDX-License-Identifier: Apache-2.0
import { areEqual, isSecret } from "../../core/equal-octets.js";
import { noOctets } from "../../core/no-octets.js";
import type { Random } from "../../ports/random.js";
import type { PortKind } from "../apdu-handler.js";
import type { Application } from "../application.js";
import { Aare, associationResult, diagnostic, encodeAare } from "../codec/aare.js";
import { Aarq, decodeAarq } from "../codec/aarq.js";
import { CodecError } from "../codec/codec-error.js";
import { serviceError } from "../codec/exception.js";
import {
	decodeInitiateRequest,
	encodeInitiateError,
	encodeInitiateResponse,
	Initiate,
	initiateRequestTag,
} from "../codec/initiate.js";
import { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import { handshakeTimeout_ms, type ServerLimits } from "../limits.js";
import { unknownClient } from "../security/port-protection.js";
import { headroom, tagLength, titleLength } from "../security/protection.js";
import { initiateResponseTagIn, protectionForm } from "../security/protection-form.js";
import { expectedCounter } from "../security/received-counters.js";
import type { SecureChannel } from "../security/secure-channel.js";
import { securityEvent } from "../security/security-event.js";
import { keyId, minimumSecretLength } from "../security/security-setup-state.js";
import { type Association, associationStatus } from "./association.js";
import type { AssociationTable } from "./association-table.js";
import {
	applicationContext,
	type ClientDescriptor,
	findClient,
	managementLogicalDevice,
	mechanism,
	mechanismOf,
} from "./client.js";
import { usefulServices } from "./conformance.js";
import { longestClientChallenge, Opening, serverChallengeLength } from "./opening.js";

const shortestPdu = 12;
/** With less than header, tag and one octet of a block no ciphered answer would get through. */
const shortestCipheredPdu = headroom(true, 64) + tagLength + 12;
const dlmsVersion = 6;
const initiateError = Object.freeze({ dlmsVersionTooLow: 1, incompatibleConformance: 2, pduSizeTooShort: 3 });
/** Longest InitiateResponse with its protection. */
const initiateResponseCapacity = 64;
/** The same in general-ciphering with a key that is agreed on. */
const generalResponseCapacity = 400;
const rememberedChallenges = 4;

/** How an AARQ ended. */
export const openingOutcome = Object.freeze({ answered: 0, counterError: 1 });

/** Opens associations: checks an AARQ row by row (IEC 62056-5-3, 7.2.4) and writes the AARE. */
export class AssociationOpening {
	/** After `counterError`: the lowest invocation counter that would be taken. */
	expectedCounter = 0;
	readonly #application: Application;
	readonly #table: AssociationTable;
	readonly #channel: SecureChannel;
	readonly #random: Random;
	readonly #limits: ServerLimits;
	readonly #aarq = new Aarq();
	readonly #aare = new Aare();
	readonly #initiate = new Initiate();
	readonly #reader = new Reader();
	readonly #information = new Writer(initiateResponseCapacity);
	/** Challenges of ours that a reflected AARQ would carry. */
	readonly #recentChallenges: Uint8Array[] = [];
	#nextRecent = 0;

	constructor(
		application: Application,
		table: AssociationTable,
		channel: SecureChannel,
		random: Random,
		limits: ServerLimits,
	) {
		this.#application = application;
		this.#table = table;
		this.#channel = channel;
		this.#random = random;
		this.#limits = limits;
	}

	/**
	 * Serves an AARQ; an association that the client already has on this link is ended first.
	 *
	 * @param r on the APDU, with its tag; ciphered parts are deciphered in place
	 * @param w takes the AARE
	 * @returns one of `openingOutcome`
	 * @throws CodecError when the AARQ cannot be parsed
	 */
	open(link: number, port: PortKind, clientSap: number, serverSap: number, r: Reader, w: Writer): number {
		decodeAarq(r, this.#aarq);
		this.#table.find(link, clientSap, serverSap)?.close();
		const now_ms = this.#application.now_ms();
		const isSealOpen = this.#application.isSealOpen();
		const client = serverSap === managementLogicalDevice ? findClient(clientSap, port, isSealOpen) : undefined;
		const row = client?.index ?? unknownClient;
		if (this.#application.portProtection.isLocked(row, port, now_ms)) {
			if (port === "optical" || port === "rs485") this.#application.security.report(securityEvent.localAttempt, 0);
			return this.reject(w, associationResult.rejectedTransient, diagnostic.noReasonGiven);
		}
		if (client === undefined) {
			// a password is looked at here, too (SEC-ct)
			isPasswordRight(this.#aarq.authenticationValue ?? noOctets, this.#application.identity.systemTitle);
			return this.failAuthentication(w, row, port, 0);
		}
		const wanted = mechanismOf(client, this.#application.security);
		const reason = this.checkNames(client, wanted);
		if (reason !== diagnostic.null) return this.reject(w, associationResult.rejectedPermanent, reason);
		// a password is never taken from afar, whatever the factory said (SEC-lls)
		if (wanted === mechanism.low && port !== "optical") return this.failAuthentication(w, row, port, client.setup);
		if (!this.isTitleAllowed(client) || !this.isChallengeGood(wanted))
			return this.failAuthentication(w, row, port, client.setup);
		const isBusy = wanted === mechanism.highEcdsa && this.#table.isSigning;
		const association = isBusy ? undefined : this.#table.open(link, port, serverSap, client);
		if (association === undefined) {
			return this.reject(w, associationResult.rejectedTransient, diagnostic.noReasonGiven);
		}
		const opening = new Opening(wanted);
		association.opening = opening;
		let isOpen = false;
		try {
			const result = this.negotiate(association, opening, client, row, w, now_ms);
			isOpen = association.status !== associationStatus.nonAssociated;
			return result;
		} finally {
			if (!isOpen) association.close();
		}
	}

	/** Context, system title and mechanism; returns the diagnostic, or null when all is well. */
	private checkNames(client: ClientDescriptor, wanted: number): number {
		const aarq = this.#aarq;
		if (aarq.applicationContext !== client.context) return diagnostic.applicationContextNameNotSupported;
		if (client.context === applicationContext.logicalNamesCiphered) {
			const title = aarq.callingApTitle;
			if (title?.length !== titleLength || areEqual(title, this.#application.identity.systemTitle)) {
				return diagnostic.callingApTitleNotRecognized;
			}
		}
		if (wanted === mechanism.lowest) {
			const isLowest = aarq.mechanism === undefined || aarq.mechanism === mechanism.lowest;
			return isLowest ? diagnostic.null : diagnostic.authenticationMechanismNameNotRecognised;
		}
		if (aarq.mechanism === undefined) {
			return aarq.authenticationValue === undefined
				? diagnostic.authenticationRequired
				: diagnostic.authenticationMechanismNameRequired;
		}
		if (aarq.mechanism !== wanted) return diagnostic.authenticationMechanismNameNotRecognised;
		return aarq.authenticationValue === undefined ? diagnostic.authenticationRequired : diagnostic.null;
	}

	private isTitleAllowed({ name }: ClientDescriptor): boolean {
		const title = this.#aarq.callingApTitle;
		return title === undefined || this.#application.security.isTitleAllowed(name, title);
	}

	private isChallengeGood(wanted: number): boolean {
		if (wanted === mechanism.lowest || wanted === mechanism.low) return true;
		const challenge = this.#aarq.authenticationValue!;
		if (challenge.length < this.#application.security.shortestChallenge || challenge.length > longestClientChallenge)
			return false;
		let isReflected = false;
		for (let n = 0; n < this.#recentChallenges.length; n++) {
			if (areEqual(challenge, this.#recentChallenges[n]!)) isReflected = true;
		}
		return !isReflected;
	}

	/** Deciphers and negotiates the initiate request, and answers. */
	private negotiate(
		association: Association,
		opening: Opening,
		client: ClientDescriptor,
		row: number,
		w: Writer,
		now_ms: number,
	): number {
		const { port } = association;
		if (!this.takeCertificate(association, opening, client)) return this.failAuthentication(w, row, port, client.setup);
		const form = this.takeInitiate(association, opening, client);
		if (form === -serviceError.invocationCounterError) {
			this.#application.portProtection.failed(row, port, now_ms); // its event is that of the replay (F126)
			return openingOutcome.counterError;
		}
		if (form < 0) return this.failAuthentication(w, row, port, client.setup);
		// behind the protection: only who has the key could learn from it which users there are
		if (!this.#application.users.isAdmitted(client.association, this.#aarq.userId)) {
			return this.failAuthentication(w, row, port, client.setup);
		}
		const isPassword = opening.mechanism === mechanism.low;
		if (isPassword && !isPasswordRight(this.#aarq.authenticationValue!, association.setup!.secret)) {
			return this.failAuthentication(w, row, port, client.setup);
		}
		const initiate = this.#initiate;
		const conformance = initiate.conformance & client.conformance;
		const size = initiate.maximumReceiveSize;
		const shortest = association.setup === undefined ? shortestPdu : shortestCipheredPdu;
		let error = 0;
		if (initiate.dlmsVersion < dlmsVersion) error = initiateError.dlmsVersionTooLow;
		else if ((conformance & usefulServices) === 0) error = initiateError.incompatibleConformance;
		else if (size !== 0 && size < shortest) error = initiateError.pduSizeTooShort;
		if (error !== 0) {
			this.#information.reset();
			encodeInitiateError(this.#information, error);
			return this.reject(w, associationResult.rejectedPermanent, diagnostic.noReasonGiven, true);
		}
		association.conformance = conformance;
		association.clientReceiveSize = size;
		association.userId = this.#aarq.userId ?? 0;
		association.qualityOfService = Math.max(initiate.qualityOfService, 0);
		if (form !== protectionForm.plain && initiate.dedicatedKey !== undefined) {
			association.takeKeys().dedicatedKey = initiate.dedicatedKey.slice();
		}
		const aare = this.#aare;
		aare.clear();
		aare.applicationContext = client.context;
		if (isPassword || opening.mechanism === mechanism.lowest) {
			association.succeed();
		} else {
			this.challenge(opening);
			association.status = associationStatus.pending;
			opening.until_ms = now_ms + handshakeTimeout_ms;
			aare.diagnostic = diagnostic.authenticationRequired;
			aare.mechanism = opening.mechanism;
			aare.authenticationValue = opening.serverChallenge;
		}
		if (association.setup !== undefined) aare.respondingApTitle = this.#application.identity.systemTitle;
		aare.userInformation = this.encodeInitiateResponse(association, form);
		if (aare.userInformation === undefined) {
			association.status = associationStatus.nonAssociated;
			return this.reject(w, associationResult.rejectedTransient, diagnostic.noReasonGiven);
		}
		encodeAare(w, aare);
		return openingOutcome.answered;
	}

	/** The negotiated parameters, protected in `form`; undefined when the key is used up. Valid until the next call. */
	encodeInitiateResponse(association: Association, form: number): Uint8Array | undefined {
		const initiate = this.#initiate;
		initiate.dedicatedKey = undefined;
		initiate.dlmsVersion = dlmsVersion;
		initiate.conformance = association.conformance;
		initiate.maximumReceiveSize = this.#limits.receivePduSize;
		const isLong = form === protectionForm.generalCiphering;
		const w = isLong ? new Writer(generalResponseCapacity) : this.#information;
		w.reset();
		this.#channel.begin(association, w, form, w.bytes.length, true);
		encodeInitiateResponse(w, initiate);
		const tag = initiateResponseTagIn(form);
		if (!this.#channel.finish(association, w, form, 0, w.bytes.length, tag)) return undefined;
		return w.bytes.subarray(0, w.position);
	}

	/**
	 * A client that signs may bring its certificate along: its key counts for this association, whatever the meter has stored.
	 * @returns false when the certificate is not good; elsewhere nothing is made of the qualifier
	 */
	private takeCertificate(association: Association, opening: Opening, client: ClientDescriptor): boolean {
		const der = this.#aarq.callingAeQualifier;
		if (der === undefined || der.length === 0 || opening.mechanism !== mechanism.highEcdsa) return true;
		const { suite } = this.#application.security.setup(client.setup);
		if (suite === 0) return true;
		const keys = this.#application.security.publicKeys(suite, association.home, this.#application);
		const key = keys.signatureKeyIn(der, this.#aarq.callingApTitle!);
		if (key !== undefined) association.takeKeys().clientKey = key;
		return key !== undefined;
	}

	/** @returns the form it came in, or a negative `serviceError` */
	private takeInitiate(association: Association, opening: Opening, client: ClientDescriptor): number {
		const information = this.#aarq.userInformation;
		if (information === undefined || information.length === 0) throw new CodecError("truncated", 0);
		const r = this.#reader;
		let form: number = protectionForm.plain;
		if (client.setup === 0) {
			r.reset(information);
		} else {
			const setup = this.#application.security.setup(client.setup);
			association.setup = setup;
			association.clientTitle.set(this.#aarq.callingApTitle!);
			if (opening.mechanism !== mechanism.low) opening.clientChallenge = this.#aarq.authenticationValue!.slice();
			if (information[0] === initiateRequestTag && setup.policy === 0) {
				r.reset(information);
			} else {
				const error = this.#channel.receive(association, information, 0, information.length);
				if (error === serviceError.invocationCounterError) {
					this.expectedCounter = expectedCounter(association, information[0]!);
				}
				if (error !== 0) return -error;
				form = this.#channel.form;
				r.reset(information, this.#channel.from, this.#channel.to);
			}
			setup.clientSystemTitle.set(association.clientTitle);
			opening.counterAtOpening = setup.lastReceived(keyId.globalUnicastEncryption);
		}
		decodeInitiateRequest(r, this.#initiate);
		const key = this.#initiate.dedicatedKey;
		const keyLength = association.setup?.key(keyId.globalUnicastEncryption).length;
		if (key !== undefined && keyLength !== undefined && key.length !== keyLength) throw new CodecError("length", 0);
		return form;
	}

	private challenge(opening: Opening): void {
		const challenge = new Uint8Array(serverChallengeLength);
		opening.serverChallenge = challenge;
		do this.#random.fill(challenge);
		while (areEqual(challenge, opening.clientChallenge));
		this.#recentChallenges[this.#nextRecent] ??= new Uint8Array(challenge.length);
		this.#recentChallenges[this.#nextRecent]!.set(challenge);
		this.#nextRecent = (this.#nextRecent + 1) % rememberedChallenges;
	}

	/** One answer for an unknown client, a wrong key, a wrong secret (SEC-err). */
	private failAuthentication(w: Writer, row: number, port: PortKind, setup: number): number {
		if (this.#application.portProtection.failed(row, port, this.#application.now_ms())) {
			this.#application.security.report(securityEvent.associationFailure, setup);
		}
		return this.reject(w, associationResult.rejectedPermanent, diagnostic.authenticationFailure);
	}

	private reject(w: Writer, result: number, reason: number, hasInformation = false): number {
		const aare = this.#aare;
		aare.clear();
		const isCiphered = this.#aarq.applicationContext === applicationContext.logicalNamesCiphered;
		aare.applicationContext = isCiphered ? applicationContext.logicalNamesCiphered : applicationContext.logicalNames;
		aare.result = result;
		aare.diagnostic = reason;
		if (hasInformation) aare.userInformation = this.#information.bytes.subarray(0, this.#information.position);
		encodeAare(w, aare);
		return openingOutcome.answered;
	}
}

/** A secret that is too short is none (SEC-lls). */
function isPasswordRight(offered: Uint8Array, secret: Uint8Array): boolean {
	return isSecret(offered, secret) && secret.length >= minimumSecretLength;
}
