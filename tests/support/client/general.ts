// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { ByteReader, bigEndian, concat, encodeLength, toHex } from "./bytes.js";
import { type ClientKeys, derive, Ephemeral, isSigned, pointOf, signAs } from "./public-keys.js";
import { SecurityError } from "./security.js";

/** How the key of a general-ciphering APDU is told: key-info, or none of it ("known"). */
export type KeyInfo = "unicast" | "broadcast" | "wrapped" | "onePass" | "unified" | "known";

/** general-ciphering and general-signing of one client; may be changed between two requests. */
export interface GeneralOptions {
	/** Without it APDUs have the form of the session. */
	key?: KeyInfo | undefined;
	/** Signed before or after ciphering. */
	sign?: "inside" | "outside" | undefined;
	readonly keys?: ClientKeys | undefined;
	readonly masterKey?: Uint8Array | undefined;
	/** transaction-id of the next request, eight octets. */
	transaction: number;
	/** Instead of that one. */
	transactionId?: Uint8Array | undefined;
	dateTime?: Uint8Array | undefined;
	otherInformation?: Uint8Array | undefined;
	originator?: Uint8Array | undefined;
	recipient?: Uint8Array | undefined;
	/** The signature is also over the length of the content. */
	signsLength?: boolean | undefined;
	/** key-parameters are signed with an ephemeral key. */
	signsParameters?: boolean | undefined;
	/** Key pair of the client for signing, in the place of its own. */
	signing?: ClientKeys["signing"] | undefined;
	/** Length octets of the fields of the latest answer, transaction-id first, date-time third last. */
	answered?: AnswerFields | undefined;
}

export interface AnswerFields {
	readonly transaction: Uint8Array;
	readonly dateTime: Uint8Array;
	/** Tags of the layers, from the outside. */
	readonly layers: number[];
	/** key-info of the answer, in hexadecimal up to a key that it carries. */
	keyInfo: string;
}

const wrapIv = Buffer.from("a6a6a6a6a6a6a6a6", "hex");
const wrapCipher = (key: Uint8Array): string => (key.length === 32 ? "id-aes256-wrap" : "id-aes128-wrap");

/** AES key wrap (RFC 3394). */
export function wrapKey(masterKey: Uint8Array, key: Uint8Array): Uint8Array {
	const cipher = createCipheriv(wrapCipher(masterKey), masterKey, wrapIv);
	return Uint8Array.from(Buffer.concat([cipher.update(key), cipher.final()]));
}

function unwrap(masterKey: Uint8Array, wrapped: Uint8Array): Uint8Array {
	const decipher = createDecipheriv(wrapCipher(masterKey), masterKey, wrapIv);
	return Uint8Array.from(Buffer.concat([decipher.update(wrapped), decipher.final()]));
}

const octets = (value: Uint8Array): Uint8Array => concat(encodeLength(value.length), value);
const none = new Uint8Array(0);

/** One side of the protection: titles of both, and what makes keys. */
export class GeneralSide {
	readonly options: GeneralOptions;
	readonly title: Uint8Array;
	readonly serverTitle: Uint8Array;
	/** The key of "known". */
	#key: Uint8Array | undefined;

	constructor(options: GeneralOptions, title: Uint8Array, serverTitle: Uint8Array) {
		this.options = options;
		this.title = title;
		this.serverTitle = serverTitle;
	}

	/** The five fields, each with its length. */
	fields(): Uint8Array {
		const { options } = this;
		return concat(
			octets(options.transactionId ?? bigEndian(options.transaction, 8)),
			octets(options.originator ?? this.title),
			octets(options.recipient ?? this.serverTitle),
			octets(options.dateTime ?? none),
			octets(options.otherInformation ?? none),
		);
	}

	/** key-info with its flag, and the key; undefined = the key of the session. */
	keyInfo(fields: Uint8Array, keyLength: number): readonly [Uint8Array, Uint8Array | undefined] {
		const { options } = this;
		const { keys } = options;
		switch (options.key) {
			case "unicast":
			case "broadcast":
				this.#key = undefined;
				return [concat(1, 0, options.key === "unicast" ? 0 : 1), undefined];
			case "wrapped":
				this.#key = Uint8Array.from(randomBytes(keyLength));
				return [concat(1, 1, 0, octets(wrapKey(options.masterKey!, this.#key))), this.#key];
			case "onePass": {
				const own = new Ephemeral(keys!.suite);
				const signed = options.signsParameters === true ? concat(1, own.publicKey) : own.publicKey;
				const signature = signAs(options.signing ?? keys!.signing, keys!.suite, signed);
				const z = own.agree(pointOf(keys!.serverAgreement));
				this.#key = derive(keys!.suite, z, false, this.title, this.serverTitle);
				return [concat(1, 2, 1, 1, octets(concat(own.publicKey, signature))), this.#key];
			}
			case "unified": {
				const z = new Ephemeral(keys!.suite, keys!.agreeing).agree(pointOf(keys!.serverAgreement));
				const transaction = fields.subarray(0, 1 + fields[0]!);
				this.#key = derive(keys!.suite, z, false, this.title, transaction, this.serverTitle);
				return [concat(1, 2, 1, 2, 0), this.#key];
			}
			default:
				return [Uint8Array.of(0), this.#key];
		}
	}

	/** Fields, content and signature behind the tag of general-signing. */
	sign(content: Uint8Array): Uint8Array {
		const { options } = this;
		const keys = options.keys!;
		const fields = this.fields();
		const body = options.signsLength === true ? octets(content) : content;
		const signature = signAs(options.signing ?? keys.signing, keys.suite, concat(fields, body));
		return concat(0xdf, fields, octets(content), octets(signature));
	}

	/** The content of a general-signing APDU of the meter. */
	verify(apdu: Uint8Array): Uint8Array {
		const keys = this.options.keys!;
		const r = new ByteReader(apdu);
		r.expect(0xdf, "general-signing");
		const fields = this.readFields(r, 0xdf);
		const content = r.octets();
		const signature = r.octets();
		r.expectEnd();
		const body = this.options.signsLength === true ? octets(content) : content;
		if (!isSigned(keys.serverSignature, keys.suite, concat(fields, body), signature)) {
			throw new SecurityError("the signature is not that of the meter");
		}
		return content;
	}

	/** Fields of the meter's APDU with their lengths; they must be from it, and for this client. */
	readFields(r: ByteReader, tag: number): Uint8Array {
		const parts = [r.octets(), r.octets(), r.octets(), r.octets(), r.octets()] as const;
		const [transaction, from, to, dateTime] = parts;
		if (toHex(from) !== toHex(this.serverTitle)) throw new SecurityError(`originator ${toHex(from)}`);
		if (toHex(to) !== toHex(this.title)) throw new SecurityError(`recipient ${toHex(to)}`);
		const layers = [...(this.options.answered?.layers ?? []), tag];
		this.options.answered = { transaction, dateTime, layers, keyInfo: this.options.answered?.keyInfo ?? "" };
		return concat(...parts.map(octets));
	}

	/** Passes key-info of the meter; undefined = the key of the session. */
	readKey(r: ByteReader, fields: Uint8Array): Uint8Array | undefined {
		const { options, serverTitle } = this;
		const { keys } = options;
		if (r.unsigned(1) === 0) return undefined;
		const choice = r.unsigned(1);
		if (choice === 0) {
			options.answered!.keyInfo = `00${toHex(r.take(1))}`;
			return undefined;
		}
		if (choice === 1) {
			r.expect(0, "master key");
			options.answered!.keyInfo = "0100";
			return unwrap(options.masterKey!, r.octets());
		}
		const parameters = r.octets();
		const data = r.octets();
		options.answered!.keyInfo = `02${toHex(parameters)}`;
		if (parameters[0] === 2) {
			const z = new Ephemeral(keys!.suite, keys!.agreeing).agree(pointOf(keys!.serverAgreement));
			return derive(keys!.suite, z, false, serverTitle, fields.subarray(0, 1 + fields[0]!), this.title);
		}
		const point = data.subarray(0, data.length / 2);
		if (!isSigned(keys!.serverSignature, keys!.suite, point, data.subarray(data.length / 2))) {
			throw new SecurityError("the ephemeral key is not that of the meter");
		}
		const z = new Ephemeral(keys!.suite, keys!.agreeing).agree(point);
		return derive(keys!.suite, z, false, serverTitle, this.title);
	}
}
