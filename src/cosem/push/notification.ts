// SPDX-License-Identifier: Apache-2.0
import { dateTimeLength } from "../../clock/date-time.js";
import type { Application } from "../application.js";
import type { Association } from "../association/association.js";
import { type ClientDescriptor, clients } from "../association/client.js";
import { decodeArray, decodeInteger, encodeStructure } from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { Writer } from "../codec/writer.js";
import type { Call } from "../model.js";
import {
	type GeneralPorts,
	GeneralProtection,
	type Peer,
	signing,
	tailLength,
} from "../security/general-protection.js";
import { finishProtected, headroom, Protection, securityControl } from "../security/protection.js";
import { keyId, type SecuritySetupState } from "../security/security-setup-state.js";
import { decodePushObject, encodePushValue } from "./push-object.js";
import { decodePushProtection, type PushProtection } from "./push-protection.js";
import type { PushSettings } from "./push-settings.js";

const dataNotificationTag = 0x0f;
/** service-class of long-invoke-id-and-priority. */
const confirmedService = 0x4000_0000;
const generalGlobalCiphering = 0xdb;
/** Longest notification with its protection, octets: what every receiver can be expected to take. */
const maximumNotification = 1400;

/** Writes DataNotification APDUs (Green Book 9.3.10), protected for their receiver. Protection is made when first needed. */
export class Notifications {
	readonly #application: Application;
	readonly #settings: PushSettings;
	readonly #ports: GeneralPorts;
	#protection: Protection | undefined;
	#general: GeneralProtection | undefined;
	/** long-invoke-id of the notification made last, 24 bits. */
	invokeId = 0;

	constructor(application: Application, settings: PushSettings, ports: GeneralPorts) {
		this.#application = application;
		this.#settings = settings;
		this.#ports = ports;
	}

	/**
	 * The notification of a push with the values of this moment, and the time of what it tells of (F133); undefined when its receiver has no key, none left, or not
	 * the certificates that its protection needs.
	 * @param age_s how long ago it was triggered, seconds
	 * @param isConfirmed the receiver is asked to confirm it
	 * @throws DeviceError when what it tells cannot be made durable
	 */
	create(push: number, age_s: number, isConfirmed: boolean): Uint8Array | undefined {
		const application = this.#application;
		const client = receiverOf(this.#settings, push);
		if (client === undefined) return undefined;
		const setup = application.security.setup(client.setup);
		this.invokeId = (this.invokeId + 1) & 0xff_ffff;
		const way = this.protectionOf(push);
		if (way === undefined) return undefined;
		const w = new Writer(maximumNotification);
		const cipheringFront =
			way === null
				? headroom(true, maximumNotification)
				: this.#general!.cipheringOverhead(setup.suite, maximumNotification);
		const isSigned = way !== null && way.signing !== signing.none;
		const signingFront = isSigned ? this.#general!.signingHead(maximumNotification) : 0;
		const from = cipheringFront + signingFront;
		w.position = from;
		w.limit = maximumNotification - tailLength(setup.suite, isSigned);
		w.u8(dataNotificationTag);
		w.u32(isConfirmed ? this.invokeId + confirmedService : this.invokeId);
		w.u8(dateTimeLength);
		const at = w.claim(dateTimeLength);
		const { clock, time } = application;
		clock.stamp(clock.utc_s() - age_s, time).encode(w.bytes, at);
		// what a value looks at is who it is for, and nothing else of an association
		const call: Call = { application, association: { client } as Association };
		const list = this.#settings.read(push, 2);
		const count = decodeArray(list);
		encodeStructure(w, count);
		for (let n = 0; n < count; n++) encodePushValue(w, decodePushObject(list)!, call, count - n - 1);
		application.beforeResponse();
		w.limit = w.bytes.length;
		const isProtected =
			way === null
				? this.protect(setup, w, from)
				: this.protectGeneral(setup, way, w, from, cipheringFront, signingFront);
		return isProtected ? w.bytes.subarray(0, w.position) : undefined;
	}

	/** Without parameters: general-glo-ciphering, both protections. */
	private protect(setup: SecuritySetupState, w: Writer, from: number): boolean {
		const counter = setup.takeSendCounter(this.#application.security);
		if (counter < 0) return false;
		this.#protection ??= new Protection(this.#ports.cipher);
		const control = setup.suite | securityControl.authenticated | securityControl.encrypted;
		const { systemTitle } = this.#application.identity;
		const key = setup.key(keyId.globalUnicastEncryption);
		const authenticationKey = setup.key(keyId.authentication);
		w.position = this.#protection.seal(
			w.bytes,
			from,
			w.position,
			control,
			counter,
			systemTitle,
			key,
			authenticationKey,
		);
		finishProtected(w, 0, from, generalGlobalCiphering, systemTitle, control, counter);
		return true;
	}

	/** As push_protection_parameters say: general-ciphering, with general-signing inside or outside of it. */
	private protectGeneral(
		setup: SecuritySetupState,
		way: PushProtection,
		w: Writer,
		from: number,
		cipheringFront: number,
		signingFront: number,
	): boolean {
		const general = this.#general!;
		const title = way.recipient.length === 0 ? setup.clientSystemTitle : way.recipient;
		const peer: Peer = { title, setup, clientKey: undefined };
		this.#protection ??= new Protection(this.#ports.cipher);
		let at = from;
		if (way.signing === signing.inside) {
			if (!general.sign(w, cipheringFront, from, peer)) return false;
			at = cipheringFront;
		}
		const counter = setup.takeSendCounter(this.#application.security);
		if (counter < 0) return false;
		const begin = way.signing === signing.outside ? signingFront : 0;
		const control = setup.suite | way.control;
		const authenticationKey = setup.key(keyId.authentication);
		if (!general.seal(w, begin, at, control, counter, peer, this.#protection, authenticationKey)) return false;
		return way.signing !== signing.outside || general.sign(w, 0, signingFront, peer);
	}

	/** What push_protection_parameters say, null when they are empty. */
	private protectionOf(push: number): PushProtection | null | undefined {
		const { systemTitle } = this.#application.identity;
		let way: PushProtection | null | undefined;
		try {
			way = decodePushProtection(this.#settings.read(push, 10), systemTitle);
		} catch (error) {
			if (!(error instanceof CodecError)) throw error; // a setting of an earlier release, which looked less closely
		}
		if (way === null || way === undefined) return way;
		this.#general ??= new GeneralProtection(this.#ports, this.#application);
		const number = new Uint8Array(4);
		new DataView(number.buffer).setUint32(0, this.invokeId);
		this.#general.kind = way.kind;
		this.#general.ciphering.transaction = way.transaction.length === 0 ? number : way.transaction;
		this.#general.signing.transaction = way.signedTransaction.length === 0 ? number : way.signedTransaction;
		return way;
	}
}

/** The client that push_client_SAP names, which must have keys. */
export function receiverOf(settings: PushSettings, push: number): ClientDescriptor | undefined {
	return clientWithKeys(decodeInteger(settings.read(push, 9)));
}

/** The client of a SAP; undefined where it is none, or has no security setup. */
export function clientWithKeys(sap: number): ClientDescriptor | undefined {
	return clients.find((client) => client.sap === sap && client.setup !== 0);
}
