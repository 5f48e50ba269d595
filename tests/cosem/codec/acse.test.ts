// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { Aare, decodeAare, encodeAare } from "../../../src/cosem/codec/aare.js";
import { Aarq, decodeAarq, encodeAarq } from "../../../src/cosem/codec/aarq.js";
import { CodecError } from "../../../src/cosem/codec/codec-error.js";
import { encodeException } from "../../../src/cosem/codec/exception.js";
import {
	decodeInitiateError,
	decodeInitiateRequest,
	decodeInitiateResponse,
	encodeInitiateError,
	encodeInitiateRequest,
	encodeInitiateResponse,
	Initiate,
} from "../../../src/cosem/codec/initiate.js";
import { Reader } from "../../../src/cosem/codec/reader.js";
import { decodeRelease, encodeRelease, Release, rlreTag, rlrqTag } from "../../../src/cosem/codec/release.js";
import { Writer } from "../../../src/cosem/codec/writer.js";
import { fromHex, hex, vectorCases } from "../support/hex.js";

const cases = new Map(vectorCases("dlms-apdu").map((vector) => [vector.id, vector]));
const vector = (id: string): string => cases.get(id)!.hex;

function encoded(write: (w: Writer) => void, size = 512): string {
	const w = new Writer(new Uint8Array(size).fill(0xa5));
	write(w);
	return hex(w.bytes.subarray(0, w.position));
}

const initiate = (fields: Partial<Initiate>): Initiate => Object.assign(new Initiate(), fields);

const plainRequest = initiate({ conformance: 0x007e1f, maximumReceiveSize: 1200 });
const plainResponse = initiate({ conformance: 0x007c1f, maximumReceiveSize: 1024 });

describe("association codecs", () => {
	it("reads and writes the AARQ of the examples", () => {
		for (const [id, mechanism, password] of [
			["aarq-1", undefined, undefined],
			["aarq-2", 1, "3132333435363738"],
		] as const) {
			const aarq = new Aarq();
			decodeAarq(new Reader(fromHex(vector(id))), aarq);
			assert.equal(aarq.applicationContext, 1);
			assert.equal(aarq.mechanism, mechanism);
			assert.equal(aarq.authenticationValue && hex(aarq.authenticationValue), password);
			const request = new Initiate();
			decodeInitiateRequest(new Reader(aarq.userInformation!), request);
			assert.deepEqual(request, plainRequest);
			assert.equal(
				encoded((w) => encodeAarq(w, aarq)),
				vector(id),
			);
		}
		assert.equal(
			encoded((w) => encodeInitiateRequest(w, plainRequest)),
			"01000000065f1f0400007e1f04b0",
		);
	});

	it("takes any BER length form and passes over elements without use", () => {
		const aarq = new Aarq();
		const text =
			"60 82 0037 80 02 0284 a1 81 09 06 07 60857405080101 a2 03 020100 a3 05 a103020100 a9 03 020105 be 84 00000010 04 0e 01000000065f1f0400007e1f04b0";
		decodeAarq(new Reader(fromHex(text)), aarq);
		assert.equal(aarq.applicationContext, 1);
		assert.equal(aarq.userId, 5);
		assert.equal(aarq.userInformation?.length, 14);
	});

	it("reads and writes the AARE of the examples", () => {
		for (const id of ["aare-1", "aare-2", "aare-4", "aare-7"]) {
			const aare = new Aare();
			decodeAare(new Reader(fromHex(vector(id))), aare);
			assert.equal(
				encoded((w) => encodeAare(w, aare)),
				vector(id),
				id,
			);
		}
		const pending = new Aare();
		decodeAare(new Reader(fromHex(vector("aare-2"))), pending);
		assert.deepEqual([pending.result, pending.diagnostic, pending.mechanism], [0, 14, 5]);
		assert.equal(hex(pending.authenticationValue!), "503677524a323146");
		const response = new Initiate();
		decodeInitiateResponse(new Reader(pending.userInformation!), response);
		assert.deepEqual(response, plainResponse);
		assert.equal(
			hex(pending.userInformation!),
			encoded((w) => encodeInitiateResponse(w, plainResponse)),
		);
		const rejected = new Aare();
		decodeAare(new Reader(fromHex(vector("aare-7"))), rejected);
		assert.deepEqual([rejected.result, rejected.diagnostic], [1, 1]);
		assert.equal(decodeInitiateError(new Reader(rejected.userInformation!)), 3);
		assert.equal(
			encoded((w) => encodeInitiateError(w, 2)),
			vector("cse-1"),
		);
	});

	it("writes long elements with the long length form", () => {
		const aare = new Aare();
		aare.userInformation = new Uint8Array(300).fill(7);
		const text = encoded((w) => encodeAare(w, aare));
		assert.ok(text.startsWith("6182"));
		const back = new Aare();
		decodeAare(new Reader(fromHex(text)), back);
		assert.deepEqual(back, aare);
	});

	it("reads and writes release request and response", () => {
		for (const [id, tag] of [
			["rlrq-1", rlrqTag],
			["rlre-1", rlreTag],
		] as const) {
			const release = new Release();
			decodeRelease(new Reader(fromHex(vector(id))), tag, release);
			assert.equal(release.reason, 0);
			assert.equal(
				encoded((w) => encodeRelease(w, tag, release)),
				vector(id),
			);
			release.userInformation = fromHex("010203");
			const text = encoded((w) => encodeRelease(w, tag, release));
			const back = new Release();
			decodeRelease(new Reader(fromHex(text)), tag, back);
			assert.deepEqual(back, release);
		}
	});

	it("writes exception responses, with the expected counter where it belongs", () => {
		assert.equal(
			encoded((w) => encodeException(w, 1, 1)),
			vector("exc-1"),
		);
		assert.equal(
			encoded((w) => encodeException(w, 1, 6, 0x01020304)),
			"d8010601020304",
		);
	});

	it("gives back any AARQ and initiate request", () => {
		const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
			fc.option(arbitrary, { nil: undefined });
		fc.assert(
			fc.property(
				fc.record({
					applicationContext: fc.nat(255),
					mechanism: optional(fc.nat(255)),
					callingApTitle: optional(fc.uint8Array({ maxLength: 8 })),
					userId: optional(fc.nat(255)),
					authenticationValue: optional(fc.uint8Array({ maxLength: 130 })),
					userInformation: optional(fc.uint8Array({ maxLength: 300 })),
				}),
				(fields) => {
					const aarq = Object.assign(new Aarq(), fields);
					const back = new Aarq();
					decodeAarq(new Reader(fromHex(encoded((w) => encodeAarq(w, aarq), 1024))), back);
					assert.deepEqual(back, aarq);
				},
			),
		);
		fc.assert(
			fc.property(
				fc.record({
					dedicatedKey: optional(fc.uint8Array({ maxLength: 32 })),
					isResponseAllowed: fc.boolean(),
					qualityOfService: fc.integer({ min: -1, max: 127 }),
					dlmsVersion: fc.nat(255),
					conformance: fc.nat(0xff_ffff),
					maximumReceiveSize: fc.nat(0xffff),
				}),
				(fields) => {
					const back = new Initiate();
					decodeInitiateRequest(new Reader(fromHex(encoded((w) => encodeInitiateRequest(w, initiate(fields))))), back);
					assert.deepEqual(back, initiate(fields));
				},
			),
		);
	});

	it("refuses an element that is there twice", () => {
		const twice = "6016 a109060760857405080101 a109060760857405080103";
		assert.throws(() => decodeAarq(new Reader(fromHex(twice)), new Aarq()), CodecError);
	});

	it("reads any octets or refuses them with a CodecError", () => {
		const decoders = [
			(r: Reader) => decodeAarq(r, new Aarq()),
			(r: Reader) => decodeAare(r, new Aare()),
			(r: Reader) => decodeRelease(r, rlrqTag, new Release()),
			(r: Reader) => decodeInitiateRequest(r, new Initiate()),
			(r: Reader) => decodeInitiateResponse(r, new Initiate()),
		];
		const seeds = ["aarq-1", "aarq-2", "aare-1", "aare-2", "rlrq-1"].map((id) => fromHex(vector(id)));
		fc.assert(
			fc.property(fc.constantFrom(...seeds), fc.nat(), fc.nat(255), fc.nat(), (seed, at, value, cut) => {
				const bytes = seed.slice(0, 1 + (cut % seed.length));
				bytes[at % bytes.length] = value;
				for (const decode of decoders) {
					try {
						decode(new Reader(bytes));
					} catch (error) {
						assert.ok(error instanceof CodecError, String(error));
					}
				}
			}),
			{ numRuns: 2000 },
		);
	});
});
