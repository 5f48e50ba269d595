// SPDX-License-Identifier: Apache-2.0
import type { Cipher } from "../../ports/cipher.js";
import type { Application } from "../application.js";
import type { Association } from "../association.js";
import { type ClientDescriptor, clients } from "../client.js";
import { decodeArray, decodeEnum, decodeInteger, decodeStructure, encodeStructure } from "../codec/axdr.js";
import { Writer } from "../codec/writer.js";
import type { Call } from "../model.js";
import { finishProtected, headroom, Protection, plainCapacity, securityControl } from "../security/protection.js";
import { keyId } from "../security/security-setup-state.js";
import { decodePushObject, encodePushValue } from "./push-object.js";
import type { PushSettings } from "./push-settings.js";

const dataNotificationTag = 0x0f;
const generalGlobalCiphering = 0xdb;
/** Longest notification with its protection, octets: what every receiver can be expected to take. */
const maximumNotification = 1400;
const dateTimeLength = 12;

/** Writes DataNotification APDUs (Green Book 9.3.10), protected for their receiver. Protection is made when first needed. */
export class Notifications {
	readonly #application: Application;
	readonly #settings: PushSettings;
	readonly #cipher: Cipher;
	#protection: Protection | undefined;
	/** long-invoke-id, 24 bits. */
	#invokeId = 0;

	constructor(application: Application, settings: PushSettings, cipher: Cipher) {
		this.#application = application;
		this.#settings = settings;
		this.#cipher = cipher;
	}

	/**
	 * The notification of a push with the values of this moment; undefined when its receiver has no key, or none left.
	 * @throws DeviceError when what it tells cannot be made durable
	 */
	create(push: number): Uint8Array | undefined {
		const application = this.#application;
		const client = receiverOf(this.#settings, push);
		if (client === undefined) return undefined;
		const w = new Writer(maximumNotification);
		const from = headroom(true, maximumNotification);
		w.position = from;
		w.limit = from + plainCapacity(true, maximumNotification);
		this.#invokeId = (this.#invokeId + 1) & 0xff_ffff;
		w.u8(dataNotificationTag);
		w.u32(this.#invokeId);
		w.u8(dateTimeLength);
		const at = w.claim(dateTimeLength);
		const { clock, time } = application;
		clock.stamp(clock.utc_s(), time).encode(w.bytes, at);
		// what a value looks at is who it is for, and nothing else of an association
		const call: Call = { application, association: { client } as Association };
		const list = this.#settings.read(push, 2);
		const count = decodeArray(list);
		encodeStructure(w, count);
		for (let n = 0; n < count; n++) encodePushValue(w, decodePushObject(list)!, call, count - n - 1);
		application.beforeResponse();
		return this.protect(push, client, w, from);
	}

	private protect(push: number, client: ClientDescriptor, w: Writer, from: number): Uint8Array | undefined {
		const setup = this.#application.security.setup(client.setup);
		const counter = setup.takeSendCounter();
		if (counter < 0) return undefined;
		this.#protection ??= new Protection(this.#cipher);
		const control = setup.suite | this.controlOf(push);
		const { systemTitle } = this.#application.identity;
		const key = setup.key(keyId.globalUnicastEncryption);
		w.limit = w.bytes.length;
		w.position = this.#protection.seal(
			w.bytes,
			from,
			w.position,
			control,
			counter,
			systemTitle,
			key,
			setup.key(keyId.authentication),
		);
		finishProtected(w, 0, from, generalGlobalCiphering, systemTitle, control, counter);
		return w.bytes.subarray(0, w.position);
	}

	/** Both protections unless push_protection_parameters say authentication alone. */
	private controlOf(push: number): number {
		const r = this.#settings.read(push, 10);
		if (decodeArray(r) > 0) {
			decodeStructure(r, 2);
			if (decodeEnum(r) === protectionType.authentication) return securityControl.authenticated;
		}
		return securityControl.authenticated | securityControl.encrypted;
	}
}

/** protection_type of push_protection_parameters. */
export const protectionType = Object.freeze({ authentication: 0, encryption: 1, both: 2 });

/** The client that push_client_SAP names, which must have keys. */
export function receiverOf(settings: PushSettings, push: number): ClientDescriptor | undefined {
	return clientWithKeys(decodeInteger(settings.read(push, 9)));
}

export function clientWithKeys(sap: number): ClientDescriptor | undefined {
	return clients.find((client) => client.sap === sap && client.setup !== 0);
}
