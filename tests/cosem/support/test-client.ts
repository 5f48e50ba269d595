// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv } from "node:crypto";
import type { PortKind } from "../../../src/cosem/apdu-handler.js";
import { Writer } from "../../../src/cosem/codec/writer.js";
import type { CosemServer } from "../../../src/cosem/server.js";
import { serverTitle, testKeys } from "./fake-application.js";
import { fromHex, hex } from "./hex.js";

export type Form = "global" | "dedicated" | "general" | "generalDedicated" | "generalCiphering";

const initiateTail = (conformance: string, pdu: number): string =>
	`0000065f1f0400${conformance}${pdu.toString(16).padStart(4, "0")}`;

/**
 * A client built from the published formulas and node:crypto alone: it shares no codec with the server, so that both
 * must agree with the standard rather than with each other.
 */
export class TestClient {
	readonly server: CosemServer;
	readonly link: number;
	readonly sap: number;
	serverSap = 1;
	title: Uint8Array = fromHex("4d4d4d0000000001");
	encryptionKey: Uint8Array = testKeys.globalUnicastEncryptionKey;
	authenticationKey: Uint8Array = testKeys.authenticationKey;
	dedicatedKey: Uint8Array | undefined;
	/** Counter of the next request. */
	counter = 1;
	control = 0x30;
	form: Form = "global";
	challenge = "4b35366956616759";
	serverChallenge: Uint8Array = new Uint8Array(0);
	/** Counters of everything the server protected, to look for one used twice. */
	readonly serverCounters: number[] = [];
	conformance = "ffffff";
	pdu = 0xffff;
	/** Buffer given to the server. */
	responseSize = 0xffff + 64;

	constructor(server: CosemServer, sap: number, port: PortKind = "tcp", link?: number) {
		this.server = server;
		this.sap = sap;
		this.link = link ?? server.open({ port, name: `test ${sap}` });
	}

	private get suite(): number {
		return this.control & 0x0f;
	}

	/** One APDU as it is; the answer in hex, "" for none. */
	send(apdu: Uint8Array | string): string {
		const bytes = typeof apdu === "string" ? fromHex(apdu) : apdu;
		// the APDU stands in the middle of a larger buffer, and the response on top of rubbish
		const buffer = new Uint8Array(bytes.length + 7).fill(0xa5);
		buffer.set(bytes, 3);
		const response = new Writer(new Uint8Array(this.responseSize).fill(0xa5));
		const hasAnswer = this.server.handle(this.link, this.sap, this.serverSap, buffer, 3, 3 + bytes.length, response);
		return hasAnswer ? hex(response.bytes.subarray(0, response.position)) : "";
	}

	gcm(
		key: Uint8Array,
		title: Uint8Array,
		control: number,
		counter: number,
		text: Uint8Array,
		fields: Uint8Array = new Uint8Array(0),
	): { text: Uint8Array; tag: Uint8Array } {
		const iv = Buffer.concat([title, u32(counter)]);
		const cipher = createCipheriv(key.length === 32 ? "aes-256-gcm" : "aes-128-gcm", key, iv, { authTagLength: 12 });
		const isEncrypted = (control & 0x20) !== 0;
		cipher.setAAD(
			Buffer.concat([Uint8Array.of(control), this.authenticationKey, fields, isEncrypted ? new Uint8Array(0) : text]),
		);
		const out = isEncrypted ? cipher.update(text) : text;
		cipher.final();
		return { text: new Uint8Array(out), tag: new Uint8Array(cipher.getAuthTag()) };
	}

	/** The protected form of a plain APDU, with the next counter. */
	protect(plain: Uint8Array | string, tag?: number): Uint8Array {
		const text = typeof plain === "string" ? fromHex(plain) : plain;
		const counter = this.counter++;
		const isDedicated = this.form === "dedicated" || this.form === "generalDedicated";
		const key = isDedicated ? this.dedicatedKey! : this.encryptionKey;
		const fields = this.form === "generalCiphering" ? this.fields(counter, this.title, serverTitle) : undefined;
		const sealed = this.gcm(key, this.title, this.control, counter, text, fields);
		const content = Buffer.concat([Uint8Array.of(this.control), u32(counter), sealed.text, sealed.tag]);
		const head: Record<Form, number[]> = {
			global: [tag ?? text[0]! + 8],
			dedicated: [tag ?? text[0]! + 16],
			general: [0xdb, 8, ...this.title],
			generalDedicated: [0xdc, 8, ...this.title],
			generalCiphering: [0xdd, ...(fields ?? []), 1, 0, 0],
		};
		return new Uint8Array(Buffer.concat([Uint8Array.from(head[this.form]), length(content.length), content]));
	}

	/** The plain APDU in general-signing, with a signature that nobody made. */
	sign(plain: Uint8Array, signature: Uint8Array): Uint8Array {
		const fields = this.fields(this.counter, this.title, serverTitle);
		const parts = [Uint8Array.of(0xdf), fields, length(plain.length), plain, length(signature.length), signature];
		return new Uint8Array(Buffer.concat(parts));
	}

	/** Fields of general-ciphering: the counter as transaction-id, titles, neither time nor other information. */
	private fields(counter: number, from: Uint8Array, to: Uint8Array): Uint8Array {
		return Uint8Array.from([4, ...u32(counter), 8, ...from, 8, ...to, 0, 0]);
	}

	/** Plain octets of a protected answer; throws when its tag is wrong. */
	unprotect(answer: string): { plain: string; tag: number; control: number; counter: number } {
		const bytes = fromHex(answer);
		const tag = bytes[0]!;
		let at = 1;
		if (tag === 0xdb || tag === 0xdc) {
			if (hex(bytes.subarray(1, 10)) !== `08${hex(serverTitle)}`) throw new Error("title of the server");
			at = 10;
		}
		let fields = new Uint8Array(0);
		if (tag === 0xdd) {
			const transaction = bytes[1]!;
			at = 2 + transaction + 20;
			fields = bytes.slice(1, at);
			if (hex(fields.subarray(1 + transaction)) !== `08${hex(serverTitle)}08${hex(this.title)}0000`) {
				throw new Error("fields of the server");
			}
			if (hex(bytes.subarray(at, at + 3)) !== "010000") throw new Error("key-info of the server");
			at += 3;
		}
		const first = bytes[at++]!;
		let size = first;
		if (first >= 0x80) {
			size = 0;
			for (let n = first & 0x7f; n > 0; n--) size = size * 256 + bytes[at++]!;
		}
		if (size !== bytes.length - at) throw new Error(`length ${size} of ${bytes.length - at}`);
		const control = bytes[at]!;
		const counter = Buffer.from(bytes).readUInt32BE(at + 1);
		this.serverCounters.push(counter);
		const isDedicated = tag === 0xdc || (tag >= 0xd0 && tag <= 0xd7);
		const key = isDedicated ? this.dedicatedKey! : this.encryptionKey;
		const iv = Buffer.concat([serverTitle, u32(counter)]);
		const decipher = createDecipheriv(key.length === 32 ? "aes-256-gcm" : "aes-128-gcm", key, iv, {
			authTagLength: 12,
		});
		const text = bytes.subarray(at + 5, bytes.length - 12);
		const isEncrypted = (control & 0x20) !== 0;
		decipher.setAAD(
			Buffer.concat([Uint8Array.of(control), this.authenticationKey, fields, isEncrypted ? new Uint8Array(0) : text]),
		);
		decipher.setAuthTag(bytes.subarray(bytes.length - 12));
		const plain = isEncrypted ? decipher.update(text) : text;
		decipher.final();
		return { plain: hex(plain), tag, control, counter };
	}

	/** A request in the client's usual form; the plain answer. An exception comes back as it is. */
	ask(plain: string): string {
		if (this.sap === 16) return this.send(plain);
		const answer = this.send(this.protect(plain));
		return answer === "" || answer.startsWith("d8") ? answer : this.unprotect(answer).plain;
	}

	/** AARQ in the client's own context and mechanism, with any part replaced. */
	aarq(
		parts: {
			context?: number;
			mechanism?: number | null;
			title?: string | null;
			value?: string | null;
			information?: string;
			user?: number;
		} = {},
	): string {
		const isPublic = this.sap === 16;
		const context = parts.context ?? (isPublic ? 1 : 3);
		const mechanism = parts.mechanism === undefined ? (isPublic ? null : 5) : parts.mechanism;
		const title = parts.title === undefined ? (isPublic ? null : hex(this.title)) : parts.title;
		const value = parts.value === undefined ? (isPublic ? null : this.challenge) : parts.value;
		const body = [
			tlv("a1", tlv("06", `608574050801${byte(context)}`)),
			title === null ? "" : tlv("a6", tlv("04", title)),
			parts.user === undefined ? "" : tlv("a9", tlv("02", byte(parts.user))),
			mechanism === null ? "" : `8a020780${tlv("8b", `608574050802${byte(mechanism)}`)}`,
			value === null ? "" : tlv("ac", tlv("80", value)),
			tlv("be", tlv("04", parts.information ?? this.initiate())),
		];
		return tlv("60", body.join(""));
	}

	initiatePlain(): string {
		const key = this.dedicatedKey;
		return `01${key === undefined ? "00" : `01${tlv("", hex(key))}`}${initiateTail(this.conformance, this.pdu)}`;
	}

	initiate(): string {
		if (this.sap === 16) return this.initiatePlain();
		const form = this.form;
		this.form = form.startsWith("general") ? "general" : "global";
		const apdu = hex(this.protect(this.initiatePlain(), 0x21));
		this.form = form;
		return apdu;
	}

	/** Takes the server's challenge out of an AARE. */
	takeChallenge(aare: string): void {
		const at = aare.indexOf("aa228020");
		if (at < 0) throw new Error(`no challenge in ${aare}`);
		this.serverChallenge = fromHex(aare.slice(at + 8, at + 8 + 64));
	}

	/** Pass 3 as plain ACTION. */
	reply(challenge: Uint8Array = this.serverChallenge): string {
		const counter = this.counter++;
		const control = 0x10 | this.suite;
		const gmac = this.gcm(this.encryptionKey, this.title, control, counter, challenge);
		return `c301c1000f0000280000ff01010911${byte(control)}${hex(u32(counter))}${hex(gmac.tag)}`;
	}

	/** Opens the association, with all passes; throws unless the server proves its key as well. */
	connect(user?: number): this {
		const aare = this.send(this.aarq(user === undefined ? {} : { user }));
		if (this.sap === 16) {
			if (!aare.includes("a203020100")) throw new Error(`refused: ${aare}`);
			return this;
		}
		this.takeChallenge(aare);
		const answer = this.ask(this.reply());
		if (!answer.startsWith("c701c10001000911")) throw new Error(`pass 4: ${answer}`);
		const proof = fromHex(answer.slice(16));
		const counter = Buffer.from(proof).readUInt32BE(1);
		const title = this.title;
		const expected = this.gcm(this.encryptionKey, serverTitle, 0x10 | this.suite, counter, fromHex(this.challenge));
		this.title = title;
		if (hex(proof.subarray(5)) !== hex(expected.tag)) throw new Error("the server does not know the key");
		this.serverCounters.push(counter);
		return this;
	}

	get(classId: number, name: string, attribute: number): string {
		return this.ask(`c001c1${u16(classId)}${name}${byte(attribute)}00`);
	}
}

export function u32(value: number): Uint8Array {
	return new Uint8Array([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
}

export function u16(value: number): string {
	return value.toString(16).padStart(4, "0");
}

export function byte(value: number): string {
	return (value & 255).toString(16).padStart(2, "0");
}

function length(size: number): Uint8Array {
	if (size < 128) return Uint8Array.of(size);
	return size < 256 ? Uint8Array.of(0x81, size) : Uint8Array.of(0x82, size >> 8, size & 255);
}

/** Tag, length, content; without a tag only the latter two. */
export function tlv(tag: string, content: string): string {
	return `${tag}${hex(length(content.length / 2))}${content}`;
}
