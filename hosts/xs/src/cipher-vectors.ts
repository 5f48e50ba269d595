// SPDX-License-Identifier: Apache-2.0
import type { Cipher } from "../../../src/ports/cipher.js";
import { NobleCipher } from "./support/noble-cipher.js";
import { RunnerCipher } from "./support/runner-cipher.js";

function fromHex(text: string): Uint8Array {
	const octets = new Uint8Array(text.length / 2);
	for (let n = 0; n < octets.length; n++) octets[n] = Number.parseInt(text.slice(2 * n, 2 * n + 2), 16);
	return octets;
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((octet, n) => octet === b[n]);
}

/** Green Book security example: glo-get-request, authenticated and encrypted; suite 2 computed with OpenSSL. */
const protectedRequests = [
	{
		key: "000102030405060708090a0b0c0d0e0f",
		iv: "4d4d4d0000bc614e01234567",
		aad: "30d0d1d2d3d4d5d6d7d8d9dadbdcdddedf",
		text: "c0010000080000010000ff0200",
		sealed: "411312ff935a47566827c467bc7d825c3be4a77c3fcc056b6b",
	},
	{
		key: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		iv: "4d4d4d000000000100000001",
		aad: "32d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef",
		text: "c0010000080000010000ff0200",
		sealed: "1f59d4cff1fa1759dd49700824c4d11eaf4c6a1a837d094749",
	},
];

function testCipher(name: string, cipher: Cipher): void {
	for (const vector of protectedRequests) {
		const [key, iv, aad] = [fromHex(vector.key), fromHex(vector.iv), fromHex(vector.aad)];
		const text = fromHex(vector.text);
		const sealed = fromHex(vector.sealed);
		const tag = new Uint8Array(12);
		cipher.gcmSeal(key, iv, aad, text, tag);
		dump(`${name} sealed`, text);
		dump(`${name} tag`, tag);
		const bits = key.length * 8;
		const isSealed = areEqual(text, sealed.subarray(0, text.length)) && areEqual(tag, sealed.subarray(text.length));
		check(`${name}: AES-${bits}-GCM seals the example request`, isSealed);
		const opens = cipher.gcmOpen(key, iv, aad, text, tag);
		check(`${name}: AES-${bits}-GCM opens it again`, opens && areEqual(text, fromHex(vector.text)));
		tag[11]! ^= 1;
		check(
			`${name}: AES-${bits}-GCM refuses one flipped bit of the tag`,
			!cipher.gcmOpen(key, iv, aad, sealed.slice(0, 13), tag),
		);
	}

	// RFC 3394, 4.1
	const wrapping = fromHex("000102030405060708090a0b0c0d0e0f");
	const wrapped = new Uint8Array(24);
	cipher.wrapKey(wrapping, fromHex("00112233445566778899aabbccddeeff"), wrapped);
	dump(`${name} wrapped`, wrapped);
	const expected = fromHex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
	check(`${name}: key wrap gives the example of RFC 3394`, areEqual(wrapped, expected));
	const unwrapped = new Uint8Array(16);
	const isUnwrapped = cipher.unwrapKey(wrapping, wrapped, unwrapped);
	check(
		`${name}: key unwrap reverses it`,
		isUnwrapped && areEqual(unwrapped, fromHex("00112233445566778899aabbccddeeff")),
	);
	wrapped[0]! ^= 0x80;
	check(`${name}: key unwrap refuses a changed octet`, !cipher.unwrapKey(wrapping, wrapped, unwrapped));

	// FIPS 180-4 example "abc"
	const digest = new Uint8Array(32);
	cipher.sha256(fromHex("616263"), digest);
	dump(`${name} digest`, digest);
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
	check(`${name}: SHA-256 gives the example of FIPS 180-4`, areEqual(digest, fromHex(abc)));
	testCurve(name, cipher);
}

/** RFC 6979, A.2.5: P-256, message "sample"; RFC 5903, 8.1 for the agreement. */
function testCurve(name: string, cipher: Cipher): void {
	const privateKey = fromHex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
	const publicKey = new Uint8Array(64);
	cipher.publicKeyOf(privateKey, publicKey);
	dump(`${name} public key`, publicKey);
	const message = fromHex("73616d706c65");
	const signature = fromHex(
		"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
	);
	check(`${name}: P-256 verifies the signature of RFC 6979`, cipher.verify(publicKey, message, signature));
	const own = new Uint8Array(64);
	cipher.sign(privateKey, message, own);
	check(`${name}: P-256 signs so that it verifies`, cipher.verify(publicKey, message, own));
	own[63]! ^= 1;
	check(`${name}: P-256 refuses one flipped bit`, !cipher.verify(publicKey, message, own));
	const z = new Uint8Array(32);
	const other = fromHex(
		"d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
	);
	const agrees = cipher.agree(fromHex("c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"), other, z);
	check(
		`${name}: ECDH gives the secret of RFC 5903`,
		agrees && areEqual(z, fromHex("d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de")),
	);
}

/** Both ciphers of the harness: the reference in TypeScript, and the runner's that stands for the board's native one. */
export default function run(): void {
	testCipher("noble", new NobleCipher());
	testCipher("native", new RunnerCipher());
}
