// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { blockCheck } from "../../src/iec62056-21/characters.js";
import { isRequestFor, optionDigit, putBreak } from "../../src/iec62056-21/messages.js";

const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

describe("IEC 62056-21 messages", () => {
	for (const [text, check] of [
		["0.0.0(12345678)\r\n1.8.0(000123.4*kWh)\r\n!\r\n\x03", 0x40],
		["P0\x02(12345678)\x03", 0x68],
		["P1\x02(00000000)\x03", 0x61],
		["R1\x021.8.0()\x03", 0x5a],
		["1.8.0(000123.456*kWh)\x03", 0x5c],
		["W1\x020.9.1(123456)\x03", 0x59],
		["B0\x03", 0x71],
	] as const) {
		it(`have the block check ${check.toString(16)}h for ${JSON.stringify(text)}`, () => {
			const bytes = ascii(`x${text}`);
			assert.equal(blockCheck(bytes, 1, bytes.length), check);
			for (let n = 0; n < bytes.length; n += 2) bytes[n]! |= 0x80;
			assert.equal(blockCheck(bytes, 1, bytes.length), check, "parity does not count");
		});
	}

	it("end a session with SOH B0 ETX 71h", () => {
		const bytes = new Uint8Array(6).fill(0xa5);
		assert.equal(putBreak(bytes), 5);
		assert.deepEqual([...bytes], [1, 0x42, 0x30, 3, 0x71, 0xa5]);
	});

	it("name an address of up to 32 characters, or none", () => {
		const long = "1".repeat(32);
		const isFor = (message: string, address: string) => isRequestFor(ascii(message), message.length, ascii(address));
		assert.ok(isFor("/?!\r\n", ""));
		assert.ok(isFor(`/?${long}!\r\n`, long));
		assert.ok(isFor("/?0!\r\n", "000"));
		assert.ok(!isFor("/?1!\r\n", ""));
		assert.ok(!isFor("/?1\r\n", "1"));
		assert.ok(!isFor("", ""));
	});

	it("select an option by three digits", () => {
		const digits = (message: string) => ([0, 1, 2] as const).map((n) => optionDigit(ascii(message), message.length, n));
		assert.deepEqual(digits("\x06052\r\n"), [0, 5, 2]);
		assert.deepEqual(digits("\x060A2\r\n"), [0, -1, 2]);
		assert.deepEqual(digits("\x06052\n"), [-1, -1, -1]);
		assert.deepEqual(digits("\x0605 2\r\n"), [-1, -1, -1]);
	});
});
