// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv } from "node:crypto";
import { ByteReader, bigEndian, concat, encodeLength, toHex } from "./bytes.js";
import { type GeneralOptions, GeneralSide } from "./general.js";

/** Protection of an answer that does not hold. */
export class SecurityError extends Error {
	override readonly name = "SecurityError";
}

/** The next invocation counter of a key; shared by all sessions that use the key. */
export interface InvocationCounter {
	next: number;
}

/** How APDUs are wrapped: per service with the global or dedicated key, or in the general form with the title. */
export type ProtectionForm = "global" | "dedicated" | "generalGlobal" | "generalDedicated";

export interface ClientSecurity {
	/** Eight octets. */
	readonly systemTitle: Uint8Array;
	readonly unicastKey: Uint8Array;
	readonly authenticationKey: Uint8Array;
	/** Sent in the InitiateRequest; needed by the dedicated forms. */
	readonly dedicatedKey?: Uint8Array;
	readonly counter: InvocationCounter;
	/** Global unless given. */
	readonly form?: ProtectionForm;
	/** Bits 4 authenticated, 5 encrypted, 6 broadcast key, and the suite; 0x30 unless given. */
	readonly control?: number;
	/** Key for control bit 6. */
	readonly broadcastKey?: Uint8Array;
	/** APDUs go out in general-ciphering, or signed, as it says. */
	readonly general?: GeneralOptions;
}

export const controlBit = Object.freeze({ authenticated: 0x10, encrypted: 0x20, broadcast: 0x40, compressed: 0x80 });

const tagLength = 12;
const generalTags = { generalGlobal: 0xdb, generalDedicated: 0xdc } as const;

/** What AES-GCM needs for one APDU (suites 0 to 2; the key's length chooses the cipher). */
export interface GcmInput {
	readonly control: number;
	readonly invocationCounter: number;
	/** Of the sender. */
	readonly systemTitle: Uint8Array;
	readonly encryptionKey: Uint8Array;
	readonly authenticationKey: Uint8Array;
	/** Fields of general-ciphering, with their lengths: they are authenticated as well. */
	readonly fields?: Uint8Array;
}

function cipherName(key: Uint8Array): "aes-128-gcm" | "aes-256-gcm" {
	return key.length === 32 ? "aes-256-gcm" : "aes-128-gcm";
}

function header(input: GcmInput): Uint8Array {
	return concat(input.control, bigEndian(input.invocationCounter, 4));
}

function initializationVector(input: GcmInput): Uint8Array {
	return concat(input.systemTitle, bigEndian(input.invocationCounter, 4));
}

/** SC || IC || text || tag, the protected form of `plain`. */
export function seal(plain: Uint8Array, input: GcmInput): Uint8Array {
	const { control, encryptionKey, authenticationKey, fields = new Uint8Array(0) } = input;
	const isEncrypted = (control & controlBit.encrypted) !== 0;
	const isAuthenticated = (control & controlBit.authenticated) !== 0;
	const cipher = createCipheriv(cipherName(encryptionKey), encryptionKey, initializationVector(input), {
		authTagLength: tagLength,
	});
	if (isAuthenticated) {
		const aad = concat(control, authenticationKey, fields);
		cipher.setAAD(isEncrypted ? aad : concat(aad, plain));
	}
	const text = isEncrypted ? concat(cipher.update(plain), cipher.final()) : plain;
	if (!isEncrypted) cipher.final();
	return concat(header(input), text, isAuthenticated ? cipher.getAuthTag() : new Uint8Array(0));
}

/**
 * The reverse of `seal`, with control and counter out of `bytes`.
 * @throws SecurityError when the tag is wrong
 */
export function unseal(bytes: Uint8Array, keys: Omit<GcmInput, "control" | "invocationCounter">): OpenedText {
	const r = new ByteReader(bytes);
	const control = r.unsigned(1);
	const invocationCounter = r.unsigned(4);
	const input: GcmInput = { ...keys, control, invocationCounter };
	const isEncrypted = (control & controlBit.encrypted) !== 0;
	const isAuthenticated = (control & controlBit.authenticated) !== 0;
	const text = r.take(r.left - (isAuthenticated ? tagLength : 0));
	const decipher = createDecipheriv(cipherName(keys.encryptionKey), keys.encryptionKey, initializationVector(input), {
		authTagLength: tagLength,
	});
	if (!isAuthenticated) return { control, invocationCounter, plain: isEncrypted ? decipher.update(text) : text };
	const aad = concat(control, keys.authenticationKey, keys.fields ?? new Uint8Array(0));
	decipher.setAAD(isEncrypted ? aad : concat(aad, text));
	decipher.setAuthTag(r.rest());
	try {
		const plain = isEncrypted ? concat(decipher.update(text), decipher.final()) : text;
		if (!isEncrypted) decipher.final();
		return { control, invocationCounter, plain };
	} catch {
		throw new SecurityError(`authentication tag is wrong, counter ${invocationCounter}`);
	}
}

export interface OpenedText {
	readonly control: number;
	readonly invocationCounter: number;
	readonly plain: Uint8Array;
}

/** SC || IC || GMAC, the answer to a challenge with HLS mechanism 5; SC is 0x10 plus the suite. */
export function challengeResponse(challenge: Uint8Array, input: GcmInput): Uint8Array {
	const sealed = seal(challenge, { ...input, control: controlBit.authenticated + (input.control & 0x0f) });
	return concat(sealed.subarray(0, 5), sealed.subarray(sealed.length - tagLength));
}

/** Tag of the service in its ciphered form. Initiate request and response have none of the dedicated ones. */
function cipheredTag(plain: number, form: "global" | "dedicated"): number {
	if (plain < 0x20) return plain + 0x20;
	return plain + (form === "global" ? 8 : 0x10);
}

/** One protected association seen from the client: seals requests, opens answers, watches both counters. */
export class SecureSession {
	readonly security: ClientSecurity;
	#general: GeneralSide | undefined;
	/** Of the meter, known from its association response; it must be there before the first answer is opened. */
	serverTitle: Uint8Array | undefined;
	/** Counter of the latest answer, per key; answers must count up. */
	readonly received = new Map<"global" | "dedicated", number>();
	/** Security control of the latest answer. */
	lastControl = 0;

	constructor(security: ClientSecurity) {
		this.security = security;
	}

	get form(): ProtectionForm {
		return this.security.form ?? "global";
	}

	/** Key, title and the next counter of the client. */
	nextInput(form: ProtectionForm = this.form): GcmInput {
		const { security } = this;
		const control = security.control ?? controlBit.authenticated + controlBit.encrypted;
		const isDedicated = form === "dedicated" || form === "generalDedicated";
		const key = isDedicated
			? security.dedicatedKey
			: (control & controlBit.broadcast) !== 0
				? security.broadcastKey
				: security.unicastKey;
		if (key === undefined) throw new SecurityError(`no key for ${form} ciphering`);
		return {
			control,
			invocationCounter: security.counter.next++,
			systemTitle: security.systemTitle,
			encryptionKey: key,
			authenticationKey: security.authenticationKey,
		};
	}

	/** The general side of this session; needs the title of the meter. */
	get general(): GeneralSide | undefined {
		const { general, systemTitle } = this.security;
		if (general === undefined || this.serverTitle === undefined) return undefined;
		this.#general ??= new GeneralSide(general, systemTitle, this.serverTitle);
		return this.#general;
	}

	/** A request, ciphered and signed as the options say; a transaction-id of its own. */
	protect(apdu: Uint8Array, form: ProtectionForm = this.form): Uint8Array {
		const { general } = this;
		if (general === undefined) return this.cipher(apdu, form);
		const { options } = general;
		const isInitiate = apdu[0] === 0x01;
		const text = options.sign === "inside" && !isInitiate ? general.sign(apdu) : apdu;
		const ciphered = options.key === undefined ? this.cipher(text, form) : this.cipherGeneral(general, text);
		const whole = options.sign === "outside" && !isInitiate ? general.sign(ciphered) : ciphered;
		options.transaction++;
		return whole;
	}

	private cipherGeneral(general: GeneralSide, apdu: Uint8Array): Uint8Array {
		const input = this.nextInput();
		const fields = general.fields();
		const [info, key] = general.keyInfo(fields, input.encryptionKey.length);
		const isBroadcast = general.options.key === "broadcast";
		const encryptionKey = key ?? (isBroadcast ? this.security.broadcastKey! : input.encryptionKey);
		const sealed = seal(apdu, { ...input, encryptionKey, fields });
		return concat(0xdd, fields, info, encodeLength(sealed.length), sealed);
	}

	private cipher(apdu: Uint8Array, form: ProtectionForm): Uint8Array {
		const input = this.nextInput(form);
		const sealed = seal(apdu, input);
		const content = concat(encodeLength(sealed.length), sealed);
		if (form === "global" || form === "dedicated") return concat(cipheredTag(apdu[0]!, form), content);
		return concat(generalTags[form], encodeLength(input.systemTitle.length), input.systemTitle, content);
	}

	/**
	 * The APDU inside an answer.
	 * @throws SecurityError when it is not protected, not by the meter, or with a counter that was there before
	 */
	unprotect(bytes: Uint8Array): Uint8Array {
		const { general } = this;
		if (general === undefined) return this.decipher(bytes);
		delete general.options.answered;
		const ciphered = bytes[0] === 0xdf ? general.verify(bytes) : bytes;
		const plain = ciphered[0] === 0xdd ? this.decipherGeneral(general, ciphered) : this.decipher(ciphered);
		return plain[0] === 0xdf ? general.verify(plain) : plain;
	}

	private decipherGeneral(general: GeneralSide, bytes: Uint8Array): Uint8Array {
		const r = new ByteReader(bytes);
		r.expect(0xdd, "general-ciphering");
		const fields = general.readFields(r, 0xdd);
		const key = general.readKey(r, fields) ?? this.security.unicastKey;
		const sealed = r.octets();
		r.expectEnd();
		const { authenticationKey } = this.security;
		const opened = unseal(sealed, { systemTitle: this.serverTitle!, encryptionKey: key, authenticationKey, fields });
		this.checkCounter(opened.invocationCounter);
		this.lastControl = opened.control;
		return opened.plain;
	}

	private decipher(bytes: Uint8Array): Uint8Array {
		const r = new ByteReader(bytes);
		const tag = r.unsigned(1);
		const isGeneral = tag === generalTags.generalGlobal || tag === generalTags.generalDedicated;
		if (isGeneral) {
			const title = r.octets();
			if (this.serverTitle === undefined) this.serverTitle = title;
			if (toHex(title) !== toHex(this.serverTitle)) throw new SecurityError(`answer of ${toHex(title)}`);
		} else if (!isCipheredAnswer(tag)) {
			throw new SecurityError(`answer with tag ${tag.toString(16)} is not protected`);
		}
		const isDedicated = tag === generalTags.generalDedicated || (tag >= 0xd4 && tag <= 0xd7);
		const sealed = r.octets();
		r.expectEnd();
		const opened = this.open(sealed, isDedicated);
		if (!isGeneral && tag !== cipheredTag(opened.plain[0]!, isDedicated ? "dedicated" : "global")) {
			throw new SecurityError(`tag ${tag.toString(16)} around ${opened.plain[0]!.toString(16)}`);
		}
		return opened.plain;
	}

	/** Opens SC || IC || text || tag of the meter and checks its counter. */
	open(sealed: Uint8Array, isDedicated = false): OpenedText {
		const { security, serverTitle } = this;
		const key = isDedicated ? security.dedicatedKey : security.unicastKey;
		if (key === undefined || serverTitle === undefined) throw new SecurityError("key or title of the meter missing");
		const opened = unseal(sealed, {
			systemTitle: serverTitle,
			encryptionKey: key,
			authenticationKey: security.authenticationKey,
		});
		this.checkCounter(opened.invocationCounter, isDedicated);
		this.lastControl = opened.control;
		return opened;
	}

	/** Each counter of the meter is higher than the one before. */
	checkCounter(counter: number, isDedicated = false): void {
		const which = isDedicated ? "dedicated" : "global";
		const last = this.received.get(which) ?? -1;
		if (counter <= last) throw new SecurityError(`counter ${counter} after ${last}`);
		this.received.set(which, counter);
	}
}

/** True for answers that are protected: global, dedicated and general forms. */
export function isCipheredAnswer(tag: number): boolean {
	return (
		tag === 0x28 ||
		(tag >= 0xcc && tag <= 0xcf) ||
		(tag >= 0xd4 && tag <= 0xd7) ||
		tag === 0xdb ||
		tag === 0xdc ||
		tag === 0xdd ||
		tag === 0xdf
	);
}
