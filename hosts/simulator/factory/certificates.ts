// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { p256, p384 } from "@noble/curves/nist.js";
import { Writer } from "../../../src/cosem/codec/writer.js";
import { Certificate, curveSize, keyUsage } from "../../../src/cosem/security/certificate.js";
import { CertificateStore, certificateEntity, certificateType } from "../../../src/cosem/security/certificate-store.js";
import { derClose, derOpen, derTag, derWrite, derWritePositive } from "../../../src/cosem/security/der.js";
import type { Flash } from "../../../src/ports/flash.js";
import { type FlashLayout, flashLayout } from "../../../src/storage/layout.js";
import { RecordLog } from "../../../src/storage/record-log.js";
import { SeededRandom } from "../random.js";

/** System title of the client that the test keys are made for. */
export const testClientTitle: Uint8Array = Uint8Array.of(0x4d, 0x4d, 0x4d, 0, 0, 0xbc, 0x61, 0x4e);

export interface TestKeyPair {
	readonly privateKey: Uint8Array;
	readonly publicKey: Uint8Array;
}

/** Everything of a public-key infrastructure that one meter and its test client need. */
export interface TestCertificates {
	/** Octets of a private key. */
	readonly size: number;
	readonly authority: TestKeyPair & { readonly certificate: Uint8Array };
	readonly server: { readonly signature: Owner; readonly agreement: Owner };
	readonly client: { readonly signature: Owner; readonly agreement: Owner };
}

type Owner = TestKeyPair & { readonly certificate: Uint8Array };

type Distinguished = string;

function ascii(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const oid = Object.freeze({
	ecPublicKey: "2a8648ce3d0201",
	p256: "2a8648ce3d030107",
	p384: "2b81040022",
	ecdsaWithSha256: "2a8648ce3d040302",
	ecdsaWithSha384: "2a8648ce3d040303",
	commonName: "550403",
	keyUsage: "551d0f",
	basicConstraints: "551d13",
});

function sequence(w: Writer, tag: number, write: () => void): void {
	const from = derOpen(w);
	write();
	derClose(w, from, tag);
}

function identifier(w: Writer, name: keyof typeof oid): void {
	derWrite(w, derTag.objectIdentifier, Buffer.from(oid[name], "hex"));
}

function distinguishedName(w: Writer, commonName: Distinguished): void {
	sequence(w, derTag.sequence, () =>
		sequence(w, derTag.set, () =>
			sequence(w, derTag.sequence, () => {
				identifier(w, "commonName");
				derWrite(w, derTag.utf8String, ascii(commonName));
			}),
		),
	);
}

function extension(w: Writer, name: keyof typeof oid, write: () => void): void {
	sequence(w, derTag.sequence, () => {
		identifier(w, name);
		derWrite(w, derTag.boolean, [0xff]);
		sequence(w, derTag.octetString, write);
	});
}

function curveOf(size: number): typeof p256 {
	return size === 32 ? p256 : p384;
}

function signatureAlgorithm(w: Writer, size: number): void {
	sequence(w, derTag.sequence, () => identifier(w, size === 32 ? "ecdsaWithSha256" : "ecdsaWithSha384"));
}

/** What a certificate is made of. */
export interface Order {
	readonly serial: number;
	readonly subject: Distinguished;
	readonly issuer: Distinguished;
	readonly publicKey: Uint8Array;
	/** Sum of `keyUsage`. */
	readonly usage: number;
	readonly isCa?: boolean;
	/** YYMMDDHHMMSSZ. */
	readonly notBefore?: string;
	readonly notAfter?: string;
}

/** An X.509 certificate, signed with the nonce of RFC 6979: the same order gives the same octets. */
export function issue(order: Order, issuerKey: Uint8Array): Uint8Array {
	const size = issuerKey.length;
	const w = new Writer(1200);
	const whole = derOpen(w);
	const body = derOpen(w);
	sequence(w, derTag.context, () => derWrite(w, derTag.integer, [2]));
	derWrite(w, derTag.integer, [0x10, order.serial]);
	signatureAlgorithm(w, size);
	distinguishedName(w, order.issuer);
	sequence(w, derTag.sequence, () => {
		derWrite(w, derTag.utcTime, ascii(order.notBefore ?? "200101000000Z"));
		derWrite(w, derTag.utcTime, ascii(order.notAfter ?? "491231235959Z"));
	});
	distinguishedName(w, order.subject);
	sequence(w, derTag.sequence, () => {
		sequence(w, derTag.sequence, () => {
			identifier(w, "ecPublicKey");
			identifier(w, size === 32 ? "p256" : "p384");
		});
		derWrite(w, derTag.bitString, [0, 4, ...order.publicKey]);
	});
	sequence(w, 0xa3, () =>
		sequence(w, derTag.sequence, () => {
			extension(w, "basicConstraints", () =>
				sequence(w, derTag.sequence, () => {
					if (order.isCa === true) derWrite(w, derTag.boolean, [0xff]);
				}),
			);
			const unused = Math.clz32(order.usage & -order.usage) ^ 31;
			extension(w, "keyUsage", () => derWrite(w, derTag.bitString, [unused, order.usage]));
		}),
	);
	derClose(w, body, derTag.sequence);
	const signature = curveOf(size).sign(w.bytes.subarray(body, w.position), issuerKey, { lowS: false });
	signatureAlgorithm(w, size);
	const bits = derOpen(w);
	w.u8(0);
	sequence(w, derTag.sequence, () => {
		derWritePositive(w, signature, 0, size);
		derWritePositive(w, signature, size, 2 * size);
	});
	derClose(w, bits, derTag.bitString);
	derClose(w, whole, derTag.sequence);
	return w.bytes.slice(0, w.position);
}

function drawPair(random: SeededRandom, size: number): TestKeyPair {
	const privateKey = new Uint8Array(size);
	do random.fill(privateKey);
	while (!curveOf(size).utils.isValidSecretKey(privateKey));
	return { privateKey, publicKey: curveOf(size).getPublicKey(privateKey, false).slice(1) };
}

const authorityName = "SX402 TEST CA";

/** Key pairs and certificates out of the seed: the test authority, the meter, and the client of the test keys. */
export function makeTestCertificates(seed: number, suite: number, serverTitle: Uint8Array): TestCertificates {
	const size = curveSize(suite);
	const random = new SeededRandom(seed, `key pairs P-${size * 8}`);
	const authority = drawPair(random, size);
	let serial = 1;
	const certify = (subject: Distinguished, pair: TestKeyPair, usage: number, isCa = false): Owner => {
		const { publicKey } = pair;
		const order = { serial: serial++, subject, issuer: authorityName, publicKey, usage, isCa };
		return { ...pair, certificate: issue(order, authority.privateKey) };
	};
	const owners = (title: Uint8Array): { signature: Owner; agreement: Owner } => {
		const name = Buffer.from(title).toString("hex").toUpperCase();
		return {
			signature: certify(name, drawPair(random, size), keyUsage.digitalSignature),
			agreement: certify(name, drawPair(random, size), keyUsage.keyAgreement),
		};
	};
	return {
		size,
		authority: certify(authorityName, authority, keyUsage.keyCertSign, true),
		server: owners(serverTitle),
		client: owners(testClientTitle),
	};
}

/** Puts them into the memory of a meter before it first starts. */
export function installCertificates(flash: Flash, size: FlashLayout["name"], given: TestCertificates): void {
	const { firstSector, sectorCount } = flashLayout(size).parameters;
	const store = new CertificateStore(new RecordLog(flash, firstSector, sectorCount));
	const { server, client, authority } = given;
	const titleOf = (owner: Owner): Uint8Array => new Certificate(owner.certificate, given.size).title;
	const { digitalSignature, keyAgreement, other } = certificateType;
	store.add(certificateEntity.authority, other, new Uint8Array(0), authority.certificate, -1);
	for (const [entity, owners] of [
		[certificateEntity.server, server],
		[certificateEntity.client, client],
	] as const) {
		for (const [type, owner] of [
			[digitalSignature, owners.signature],
			[keyAgreement, owners.agreement],
		] as const) {
			store.add(entity, type, titleOf(owner), owner.certificate, -1);
			if (entity === certificateEntity.server) store.writePair(type, false, owner.privateKey, owner.publicKey);
		}
	}
}

function pem(label: string, der: Uint8Array): string {
	const lines =
		Buffer.from(der)
			.toString("base64")
			.match(/.{1,64}/g) ?? [];
	return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** PKCS#8 of a private key. */
export function privateKeyPem(pair: TestKeyPair): string {
	const half = pair.publicKey.length / 2;
	const encode = (octets: Uint8Array): string => Buffer.from(octets).toString("base64url");
	const crv = half === 32 ? "P-256" : "P-384";
	const [x, y, d] = [pair.publicKey.subarray(0, half), pair.publicKey.subarray(half), pair.privateKey].map(encode);
	const key = createPrivateKey({
		key: { kty: "EC", crv, x: x as string, y: y as string, d: d as string },
		format: "jwk",
	});
	return key.export({ type: "pkcs8", format: "pem" }) as string;
}

/** In the data folder. */
export const certificateFolder = "certificates";

/**
 * Writes what a client needs into `<folder>/certificates`: all certificates, and the private keys of the test authority
 * and of the test client, readable for the owner alone. Those of the meter stay in its memory.
 */
export function writePemFiles(folder: string, given: TestCertificates): void {
	const path = join(folder, certificateFolder);
	mkdirSync(path, { recursive: true, mode: 0o700 });
	const { authority, server, client } = given;
	const files: [string, string][] = [
		["ca.pem", pem("CERTIFICATE", authority.certificate)],
		["ca-key.pem", privateKeyPem(authority)],
		["server-signature.pem", pem("CERTIFICATE", server.signature.certificate)],
		["server-agreement.pem", pem("CERTIFICATE", server.agreement.certificate)],
		["client-signature.pem", pem("CERTIFICATE", client.signature.certificate)],
		["client-signature-key.pem", privateKeyPem(client.signature)],
		["client-agreement.pem", pem("CERTIFICATE", client.agreement.certificate)],
		["client-agreement-key.pem", privateKeyPem(client.agreement)],
	];
	for (const [name, text] of files) writeFileSync(join(path, name), text, { mode: 0o600 });
}
