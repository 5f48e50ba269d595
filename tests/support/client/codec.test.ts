// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import {
	conformance,
	decodeAare,
	decodeConfirmedServiceError,
	decodeInitiateResponse,
	decodeRlre,
	encodeAarq,
	encodeInitiateRequest,
	encodeRlrq,
} from "./acse.js";
import { fullConformance } from "./association.js";
import { type Data, decodeData, encodeData } from "./axdr.js";
import { DecodeError, fromAscii, fromHex, toHex } from "./bytes.js";
import { data, decodeLogicalName, encodeLogicalName, ref } from "./data.js";
import { decodeDateTime, encodeDateTime, fromUnix_ms, toUnix_ms } from "./date-time.js";
import { ExceptionResponseError, throwIfError } from "./errors.js";
import { byEntry } from "./profile.js";
import { challengeResponse, SecureSession, seal, unseal } from "./security.js";
import { decodeResponse, encodeAction, encodeGet, encodeGetList, encodeGetNext, encodeSet } from "./services.js";

type Vector = Readonly<Record<string, never>> & { readonly id: string; readonly hex: string };

function vectors(name: string): Vector[] {
	return JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8")).cases;
}

/** Values of the vector files: octets as hexadecimal digits, numbers where they fit. */
function normalize(found: Data): unknown {
	const { type, value } = found;
	if (type === "null-data") return { type: "null", value };
	if (Array.isArray(value)) return { type, value: value.map(normalize) };
	if (value instanceof Uint8Array) return { type, value: toHex(value) };
	if (typeof value === "boolean") return { type, value: Number(value) };
	return { type, value: typeof value === "bigint" ? Number(value) : value };
}

const anyData: fc.Arbitrary<Data> = fc.letrec<{ data: Data }>((tie) => ({
	data: fc.oneof(
		{ depthSize: "small" },
		fc.constant<Data>(data.nullData()),
		fc.boolean().map(data.boolean),
		fc.integer({ min: -128, max: 127 }).map(data.integer),
		fc.integer({ min: -32_768, max: 32_767 }).map(data.long),
		fc.integer().map(data.doubleLong),
		fc.integer({ min: 0, max: 0xffff }).map(data.longUnsigned),
		fc.integer({ min: 0, max: 0xffff_ffff }).map(data.doubleLongUnsigned),
		fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value): Data => ({ type: "long64-unsigned", value })),
		fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Data => ({ type: "long64", value })),
		fc.stringMatching(/^[01]{0,40}$/).map(data.bitString),
		fc.uint8Array({ maxLength: 300 }).map((value) => data.octetString(Uint8Array.from(value))),
		fc.array(tie("data"), { maxLength: 5 }).map((value) => data.array(...value)),
		fc.array(tie("data"), { maxLength: 5 }).map((value) => data.structure(...value)),
	),
})).data;

describe("test client: Data", () => {
	for (const vector of vectors("dlms-axdr")) {
		const { id, what, hex, value, expect } = vector as unknown as Record<string, string>;
		if (expect === "error") {
			it(`refuses ${id}, ${what}`, () => assert.throws(() => decodeData(fromHex(hex!)), DecodeError));
			continue;
		}
		it(`decodes and encodes ${id}, ${what}`, () => {
			const decoded = decodeData(fromHex(hex!));
			assert.deepEqual(normalize(decoded), value);
			assert.equal(toHex(encodeData(decoded)), hex);
		});
	}

	it("decodes what it encodes", () => {
		fc.assert(fc.property(anyData, (value) => assert.deepEqual(decodeData(encodeData(value)), value)));
	});

	it("throws DecodeError alone on any octets", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
				try {
					decodeData(Uint8Array.from(bytes));
				} catch (error) {
					assert.ok(error instanceof DecodeError);
				}
			}),
		);
	});

	it("does not send a number that its type cannot hold", () => {
		assert.throws(() => encodeData(data.unsigned(256)), RangeError);
		assert.throws(() => encodeData(data.integer(-129)), RangeError);
	});

	it("writes logical names as six octets", () => {
		assert.equal(toHex(encodeLogicalName("1-0:1.8.0.255")), "0100010800ff");
		assert.equal(decodeLogicalName(fromHex("0000600100ff")), "0-0:96.1.0.255");
		assert.throws(() => encodeLogicalName("1-0:1.8.0"), RangeError);
		assert.throws(() => encodeLogicalName("1-0:1.8.256.255"), RangeError);
	});

	for (const vector of vectors("dlms-datetime")) {
		const { id, what, hex, fields, utc } = vector as unknown as Record<string, string>;
		it(`decodes and encodes ${id}, ${what}`, () => {
			const decoded = decodeDateTime(fromHex(hex!));
			assert.deepEqual(decoded, fields);
			assert.equal(toHex(encodeDateTime(decoded)), hex);
			if (utc === undefined) return;
			assert.equal(toUnix_ms(decoded), Date.parse(utc));
			const { deviation, status, hundredths } = decoded;
			assert.deepEqual({ ...fromUnix_ms(Date.parse(utc), deviation!, status), hundredths }, decoded);
		});
	}
});

/** Requests as this client writes them; the answers are decoded below. */
const requests: Readonly<Record<string, () => Uint8Array>> = {
	"aarq-1": () =>
		encodeAarq({ context: 1, userInformation: encodeInitiateRequest({ conformance: 0x007e1f, maximumPduSize: 1200 }) }),
	"aarq-2": () =>
		encodeAarq({
			context: 1,
			mechanism: 1,
			authenticationValue: fromAscii("12345678"),
			userInformation: encodeInitiateRequest({ conformance: 0x007e1f, maximumPduSize: 1200 }),
		}),
	"rlrq-1": () => encodeRlrq(0),
	"get-1": () => encodeGet({ id: 1 }, { ref: ref(8, "0-0:1.0.0.255"), attribute: 2 }),
	"get-5": () => encodeGetNext({ id: 1 }, 1),
	"get-7": () =>
		encodeGetList({ id: 1 }, [
			{ ref: ref(1, "0-0:42.0.0.255"), attribute: 2 },
			{ ref: ref(8, "0-0:1.0.0.255"), attribute: 2 },
		]),
	"get-9": () => encodeGet({ id: 1 }, { ref: ref(7, "1-0:99.1.0.255"), attribute: 2, selection: byEntry(1, 10) }),
	"set-1": () => encodeSet({ id: 1 }, { ref: ref(8, "0-0:1.0.0.255"), attribute: 3 }, data.long(60)),
	"act-1": () => encodeAction({ id: 1 }, { ref: ref(8, "0-0:1.0.0.255"), method: 6 }, data.long(0)),
};

describe("test client: services and ACSE", () => {
	const cases = new Map(vectors("dlms-apdu").map((vector) => [vector.id, vector]));
	const bytesOf = (id: string) => fromHex(cases.get(id)!.hex);

	for (const [id, encode] of Object.entries(requests)) {
		it(`writes ${id}`, () => assert.equal(toHex(encode()), cases.get(id)!.hex));
	}

	it("reads an accepted and two refused association responses", () => {
		const accepted = decodeAare(bytesOf("aare-1"));
		assert.deepEqual([accepted.result, accepted.diagnostic, accepted.context], [0, 0, 1]);
		assert.deepEqual(decodeInitiateResponse(accepted.userInformation!), {
			qualityOfService: undefined,
			dlmsVersion: 6,
			conformance: 0x007c1f,
			maximumPduSize: 1024,
			vaaName: 7,
		});
		const refused = decodeAare(bytesOf("aare-4"));
		assert.deepEqual([refused.result, refused.diagnostic, refused.userInformation], [1, 13, undefined]);
		const short = decodeAare(bytesOf("aare-7"));
		assert.deepEqual(decodeConfirmedServiceError(short.userInformation!), { service: 1, group: 6, error: 3 });
		assert.deepEqual(decodeConfirmedServiceError(bytesOf("cse-1")), { service: 1, group: 6, error: 2 });
	});

	it("reads an association response with a challenge", () => {
		const pending = decodeAare(bytesOf("aare-2"));
		assert.deepEqual([pending.result, pending.diagnostic, pending.mechanism], [0, 14, 5]);
		assert.deepEqual(pending.authenticationValue, fromAscii("P6wRJ21F"));
	});

	it("reads a release response", () => assert.equal(decodeRlre(bytesOf("rlre-1")).reason, 0));

	it("reads the answers to GET, SET and ACTION", () => {
		assert.deepEqual(decodeResponse(bytesOf("get-2")), {
			kind: "get",
			invocation: 0xc1,
			value: { result: 0, data: data.doubleLongUnsigned(5009) },
		});
		assert.deepEqual(decodeResponse(bytesOf("get-3")), {
			kind: "get",
			invocation: 0xc1,
			value: { result: 3, data: undefined },
		});
		const raw = fromHex("00010203040506070809");
		assert.deepEqual(decodeResponse(bytesOf("get-4")), {
			kind: "getBlock",
			invocation: 0xc1,
			block: { isLast: false, number: 1, raw },
			isLast: false,
			result: 0,
		});
		assert.deepEqual(decodeResponse(bytesOf("set-2")), { kind: "set", invocation: 0xc1, result: 0 });
		assert.deepEqual(decodeResponse(bytesOf("act-2")), {
			kind: "action",
			invocation: 0xc1,
			value: { result: 0, data: undefined, dataResult: undefined },
		});
		const reply = fromHex("1001234567fe1466afb3dbcd4f9389e2b7");
		assert.deepEqual(decodeResponse(bytesOf("act-3")), {
			kind: "action",
			invocation: 0xc1,
			value: { result: 0, data: data.octetString(reply), dataResult: 0 },
		});
	});

	it("throws what an exception-response says", () => {
		assert.throws(
			() => throwIfError(bytesOf("exc-1")),
			(error) => error instanceof ExceptionResponseError && error.stateError === 1 && error.serviceError === 1,
		);
		assert.throws(
			() => throwIfError(fromHex("d8010600000102")),
			(error) => error instanceof ExceptionResponseError && error.expectedCounter === 258,
		);
	});

	it("counts conformance bits from the most significant one", () => {
		assert.equal(conformance("blockTransferWithGet", "multipleReferences", "get", "selectiveAccess"), 0x001214);
		assert.equal(fullConformance, 0x40fe1d);
	});
});

describe("test client: ciphering", () => {
	const cases = vectors("dlms-crypto") as unknown as Readonly<Record<string, string>>[];

	for (const vector of cases.filter(({ kind }) => kind === "protect")) {
		const control = Number.parseInt(vector["securityControl"]!, 16);
		const keys = {
			systemTitle: fromHex(vector["systemTitle"]!),
			encryptionKey: fromHex(vector["encryptionKey"]!),
			authenticationKey: fromHex(vector["authenticationKey"]!),
		};
		const invocationCounter = Number(vector["invocationCounter"]);
		const plain = fromHex(vector["plaintext"]!);

		it(`seals and opens ${vector["id"]}, ${vector["what"]}`, () => {
			const sealed = seal(plain, { ...keys, control, invocationCounter });
			assert.ok(vector["apdu"]!.endsWith(toHex(sealed)));
			const opened = unseal(sealed, keys);
			assert.deepEqual([opened.control, opened.invocationCounter], [control, invocationCounter]);
			assert.equal(toHex(opened.plain), vector["plaintext"]);
		});

		it(`writes the APDU of ${vector["id"]}`, () => {
			const session = new SecureSession({
				systemTitle: keys.systemTitle,
				unicastKey: keys.encryptionKey,
				broadcastKey: keys.encryptionKey,
				authenticationKey: keys.authenticationKey,
				counter: { next: invocationCounter },
				control,
				form: vector["apdu"]!.startsWith("db") ? "generalGlobal" : "global",
			});
			assert.equal(toHex(session.protect(plain)), vector["apdu"]);
			assert.equal(session.security.counter.next, invocationCounter + 1);
		});
	}

	for (const vector of cases.filter(({ kind }) => kind === "hls5-gmac")) {
		it(`answers the challenge of ${vector["id"]}, ${vector["what"]}`, () => {
			const answer = challengeResponse(fromHex(vector["challenge"]!), {
				control: Number.parseInt(vector["securityControl"]!, 16),
				invocationCounter: Number(vector["invocationCounter"]),
				systemTitle: fromHex(vector["systemTitle"]!),
				encryptionKey: fromHex(vector["encryptionKey"]!),
				authenticationKey: fromHex(vector["authenticationKey"]!),
			});
			assert.equal(toHex(answer), vector["result"]);
		});
	}

	it("refuses an answer with a wrong tag, an old counter or none of the protection", () => {
		const keys = { unicastKey: new Uint8Array(16), authenticationKey: new Uint8Array(16).fill(1) };
		const title = fromHex("5358466770bc614e");
		const meter = new SecureSession({ ...keys, systemTitle: title, counter: { next: 7 } });
		const client = new SecureSession({ ...keys, systemTitle: fromHex("4d4d4d0000bc614e"), counter: { next: 1 } });
		client.serverTitle = title;
		const first = meter.protect(fromHex("c401c1000600001391"));
		assert.equal(toHex(client.unprotect(first)), "c401c1000600001391");
		assert.throws(() => client.unprotect(first), /counter 7 after 7/);
		const second = meter.protect(fromHex("c401c1000600001391"));
		assert.equal(second[0], 0xcc);
		const damaged = second.slice();
		damaged[second.length - 1]! ^= 1;
		assert.throws(() => client.unprotect(damaged), /tag/);
		assert.throws(() => client.unprotect(fromHex("c401c1000600001391")), /not protected/);
		assert.equal(toHex(client.unprotect(second)), "c401c1000600001391");
	});
});
