// SPDX-License-Identifier: Apache-2.0
import { dayNumber, daysInMonth, secondsPerDay } from "../../clock/calendar.js";
import { noOctets } from "../../core/no-octets.js";
import type { Cipher } from "../../ports/cipher.js";
import { CodecError } from "../codec/codec-error.js";
import { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import {
	derClose,
	derElement,
	derEquals,
	derExpect,
	derOpen,
	derPositive,
	derTag,
	derWrite,
	derWritePositive,
} from "./der.js";
import { titleLength } from "./protection.js";

/** Object identifiers, content octets. */
const oid = Object.freeze({
	ecPublicKey: Object.freeze([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]),
	p256: Object.freeze([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
	p384: Object.freeze([0x2b, 0x81, 0x04, 0x00, 0x22]),
	ecdsaWithSha256: Object.freeze([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]),
	ecdsaWithSha384: Object.freeze([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03]),
	commonName: Object.freeze([0x55, 0x04, 0x03]),
	keyUsage: Object.freeze([0x55, 0x1d, 0x0f]),
	subjectAltName: Object.freeze([0x55, 0x1d, 0x11]),
	basicConstraints: Object.freeze([0x55, 0x1d, 0x13]),
	extendedKeyUsage: Object.freeze([0x55, 0x1d, 0x25]),
});

/** Bits of keyUsage (RFC 5280, 4.2.1.3), the first bit as the highest of an octet. */
export const keyUsage = Object.freeze({ digitalSignature: 0x80, keyAgreement: 0x08, keyCertSign: 0x04 });

/** Octets of a private key by suite: NIST P-256 in suite 1, P-384 in suite 2. */
export function curveSize(suite: number): number {
	return suite === 2 ? 48 : 32;
}

/**
 * An X.509 certificate of version 3 as the suites use it: one elliptic-curve key, signed on the same curve. What the
 * meter has no use for is passed over; a critical extension that it does not know makes the certificate unusable.
 */
export class Certificate {
	/** Content of the serial number. */
	serial = noOctets;
	/** Distinguished names, DER. */
	issuer = noOctets;
	subject = noOctets;
	subjectAltName = noOctets;
	/** System title out of the common name of the subject; empty when that is none. */
	title = noOctets;
	/** x || y. */
	publicKey = noOctets;
	/** r || s. */
	signature = noOctets;
	/** What is signed. */
	body = noOctets;
	notBefore_s = 0;
	notAfter_s = 0;
	/** Sum of `keyUsage`. */
	usage = 0;
	isCa = false;

	/**
	 * @param bytes DER, kept; the fields are views on it
	 * @param size octets of a private key of the curve, 32 or 48
	 * @throws CodecError when this is no such certificate
	 */
	constructor(bytes: Uint8Array, size: number) {
		const r = new Reader(bytes);
		const whole = new Reader();
		derExpect(r, derTag.sequence, whole);
		r.expectEnd();
		const from = whole.position;
		const body = new Reader();
		derExpect(whole, derTag.sequence, body);
		this.body = bytes.subarray(from, whole.position);
		this.readBody(body, size);
		expectAlgorithm(whole, size);
		const field = new Reader();
		derExpect(whole, derTag.bitString, field);
		whole.expectEnd();
		if (field.u8() !== 0) throw new CodecError("value", field.position);
		this.signature = readSignature(field, size);
	}

	/** Signed by the owner of that key. */
	isSignedBy(publicKey: Uint8Array, cipher: Cipher): boolean {
		return cipher.verify(publicKey, this.body, this.signature);
	}

	/** @param now_s seconds since 2000 UTC; undefined while the clock is not to be trusted: then any time is valid */
	isValidAt(now_s: number | undefined): boolean {
		return now_s === undefined || (now_s >= this.notBefore_s && now_s <= this.notAfter_s);
	}

	private readBody(r: Reader, size: number): void {
		const field = new Reader();
		const inner = new Reader();
		derExpect(r, derTag.context, field);
		derExpect(field, derTag.integer, inner);
		if (!derEquals(inner, [2])) throw new CodecError("value", inner.position);
		derExpect(r, derTag.integer, field);
		if (field.remaining === 0 || field.remaining > 20) throw new CodecError("value", field.position);
		this.serial = field.octets(field.remaining);
		expectAlgorithm(r, size);
		this.issuer = wholeElement(r, derTag.sequence);
		derExpect(r, derTag.sequence, field);
		this.notBefore_s = readTime(field);
		this.notAfter_s = readTime(field);
		field.expectEnd();
		this.subject = wholeElement(r, derTag.sequence);
		this.title = titleOf(this.subject);
		this.publicKey = readPublicKey(r, size);
		while (r.remaining > 0) {
			const at = r.position;
			const tag = derElement(r, field);
			if (tag === 0xa3) this.readExtensions(field);
			else if (tag !== 0x81 && tag !== 0x82) throw new CodecError("value", at);
		}
	}

	private readExtensions(r: Reader): void {
		const list = new Reader();
		const extension = new Reader();
		const name = new Reader();
		const value = new Reader();
		derExpect(r, derTag.sequence, list);
		r.expectEnd();
		while (list.remaining > 0) {
			derExpect(list, derTag.sequence, extension);
			derExpect(extension, derTag.objectIdentifier, name);
			let isCritical = false;
			if (extension.remaining > 0 && extension.peek() === derTag.boolean) {
				derExpect(extension, derTag.boolean, value);
				isCritical = derEquals(value, [0xff]);
				if (!isCritical) throw new CodecError("value", value.position);
			}
			derExpect(extension, derTag.octetString, value);
			extension.expectEnd();
			this.readExtension(name, value, isCritical);
		}
	}

	private readExtension(name: Reader, value: Reader, isCritical: boolean): void {
		const field = new Reader();
		if (derEquals(name, oid.keyUsage)) {
			derExpect(value, derTag.bitString, field);
			if (field.remaining < 2) throw new CodecError("value", field.position);
			field.u8();
			this.usage = field.u8();
		} else if (derEquals(name, oid.basicConstraints)) {
			derExpect(value, derTag.sequence, field);
			if (field.remaining > 0 && field.peek() === derTag.boolean) {
				const flag = new Reader();
				derExpect(field, derTag.boolean, flag);
				this.isCa = derEquals(flag, [0xff]);
			}
		} else if (derEquals(name, oid.subjectAltName)) {
			this.subjectAltName = value.octets(value.remaining);
		} else if (isCritical && !derEquals(name, oid.extendedKeyUsage)) {
			throw new CodecError("value", name.position);
		}
	}
}

/** AlgorithmIdentifier of ECDSA with the hash of the curve. */
function expectAlgorithm(r: Reader, size: number): void {
	const algorithm = new Reader();
	const name = new Reader();
	derExpect(r, derTag.sequence, algorithm);
	derExpect(algorithm, derTag.objectIdentifier, name);
	if (!derEquals(name, size === 32 ? oid.ecdsaWithSha256 : oid.ecdsaWithSha384)) {
		throw new CodecError("value", name.position);
	}
	algorithm.expectEnd();
}

function wholeElement(r: Reader, tag: number): Uint8Array {
	const from = r.position;
	derExpect(r, tag, new Reader());
	return r.bytes.subarray(from, r.position);
}

function readPublicKey(r: Reader, size: number): Uint8Array {
	const info = new Reader();
	const algorithm = new Reader();
	const field = new Reader();
	derExpect(r, derTag.sequence, info);
	derExpect(info, derTag.sequence, algorithm);
	derExpect(algorithm, derTag.objectIdentifier, field);
	if (!derEquals(field, oid.ecPublicKey)) throw new CodecError("value", field.position);
	derExpect(algorithm, derTag.objectIdentifier, field);
	if (!derEquals(field, size === 32 ? oid.p256 : oid.p384)) throw new CodecError("value", field.position);
	algorithm.expectEnd();
	derExpect(info, derTag.bitString, field);
	info.expectEnd();
	// no unused bits, uncompressed point
	if (field.remaining !== 2 + 2 * size || field.u8() !== 0 || field.u8() !== 4) {
		throw new CodecError("value", field.position);
	}
	return field.octets(2 * size);
}

function readSignature(r: Reader, size: number): Uint8Array {
	const pair = new Reader();
	const number = new Reader();
	const signature = new Uint8Array(2 * size);
	derExpect(r, derTag.sequence, pair);
	r.expectEnd();
	for (let n = 0; n < 2; n++) {
		derExpect(pair, derTag.integer, number);
		derPositive(number, signature, n * size, size);
	}
	pair.expectEnd();
	return signature;
}

/** Eight octets out of a common name of sixteen hexadecimal digits. */
function titleOf(name: Uint8Array): Uint8Array {
	const all = new Reader();
	const set = new Reader();
	const attribute = new Reader();
	const field = new Reader();
	derExpect(new Reader(name), derTag.sequence, all);
	while (all.remaining > 0) {
		derExpect(all, derTag.set, set);
		derExpect(set, derTag.sequence, attribute);
		derExpect(attribute, derTag.objectIdentifier, field);
		const isCommonName = derEquals(field, oid.commonName);
		derElement(attribute, field);
		if (isCommonName) return fromHexDigits(field);
	}
	return noOctets;
}

function fromHexDigits(r: Reader): Uint8Array {
	if (r.remaining !== 2 * titleLength) return noOctets;
	const title = new Uint8Array(titleLength);
	for (let n = 0; n < titleLength; n++) {
		const octet = digitOf(r.u8()) * 16 + digitOf(r.u8());
		if (!(octet >= 0 && octet <= 0xff)) return noOctets;
		title[n] = octet;
	}
	return title;
}

/** NaN when it is none. */
function digitOf(character: number): number {
	if (character >= 0x30 && character <= 0x39) return character - 0x30;
	const letter = character | 0x20;
	return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN;
}

/** UTCTime (until 2049) or GeneralizedTime, in whole seconds and UTC; seconds since 2000, negative before. */
function readTime(r: Reader): number {
	const at = r.position;
	const field = new Reader();
	const tag = derElement(r, field);
	const isShort = tag === derTag.utcTime;
	if ((!isShort && tag !== derTag.generalizedTime) || field.remaining !== (isShort ? 13 : 15)) {
		throw new CodecError("value", at);
	}
	const two = (): number => {
		const [tens, ones] = [field.u8() - 0x30, field.u8() - 0x30];
		if (!(tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9)) throw new CodecError("value", at);
		return tens * 10 + ones;
	};
	let year = isShort ? 0 : two() * 100;
	year += two();
	if (isShort) year += year < 50 ? 2000 : 1900;
	const [month, day, hour, minute, second] = [two(), two(), two(), two(), two()];
	if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) {
		throw new CodecError("value", at);
	}
	if (field.u8() !== 0x5a) throw new CodecError("value", at);
	return dayNumber(year, month, day) * secondsPerDay + hour * 3600 + minute * 60 + second;
}

const digits = "0123456789ABCDEF";

/**
 * Writes a certificate request (PKCS#10, RFC 2986): the subject's common name is the system title in hex.
 *
 * @param sign gives r || s over what it is handed
 */
export function writeCertificateRequest(
	w: Writer,
	title: Uint8Array,
	publicKey: Uint8Array,
	sign: (message: Uint8Array) => Uint8Array,
): void {
	const size = publicKey.length / 2;
	const request = derOpen(w);
	const body = derOpen(w);
	derWrite(w, derTag.integer, [0]);
	writeSubject(w, title);
	const info = derOpen(w);
	const algorithm = derOpen(w);
	derWrite(w, derTag.objectIdentifier, oid.ecPublicKey);
	derWrite(w, derTag.objectIdentifier, size === 32 ? oid.p256 : oid.p384);
	derClose(w, algorithm, derTag.sequence);
	const key = derOpen(w);
	w.u8(0);
	w.u8(4);
	w.octets(publicKey);
	derClose(w, key, derTag.bitString);
	derClose(w, info, derTag.sequence);
	derWrite(w, derTag.context, []); // no attributes
	derClose(w, body, derTag.sequence);
	const signature = sign(w.bytes.subarray(body, w.position));
	const signatureAlgorithm = derOpen(w);
	derWrite(w, derTag.objectIdentifier, size === 32 ? oid.ecdsaWithSha256 : oid.ecdsaWithSha384);
	derClose(w, signatureAlgorithm, derTag.sequence);
	const bits = derOpen(w);
	w.u8(0);
	const pair = derOpen(w);
	derWritePositive(w, signature, 0, size);
	derWritePositive(w, signature, size, 2 * size);
	derClose(w, pair, derTag.sequence);
	derClose(w, bits, derTag.bitString);
	derClose(w, request, derTag.sequence);
}

function writeSubject(w: Writer, title: Uint8Array): void {
	const name = derOpen(w);
	const set = derOpen(w);
	const attribute = derOpen(w);
	derWrite(w, derTag.objectIdentifier, oid.commonName);
	const text = derOpen(w);
	for (let n = 0; n < title.length; n++) {
		w.u8(digits.charCodeAt(title[n]! >> 4));
		w.u8(digits.charCodeAt(title[n]! & 15));
	}
	derClose(w, text, derTag.printableString);
	derClose(w, attribute, derTag.sequence);
	derClose(w, set, derTag.set);
	derClose(w, name, derTag.sequence);
}
