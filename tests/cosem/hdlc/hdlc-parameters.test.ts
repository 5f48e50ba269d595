// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import {
	decodeHdlcParameters,
	encodeHdlcParameters,
	type HdlcParameters,
	negotiate,
} from "../../../src/cosem/hdlc/hdlc-parameters.js";
import { defaultDeviceAddress, defaultHdlcSetup } from "../../../src/cosem/hdlc/hdlc-setup.js";
import { fromHex, toHex } from "../../support/client/bytes.js";

const { cases } = JSON.parse(readFileSync(new URL("../../vectors/dlms-hdlc.json", import.meta.url), "utf8")) as {
	cases: { id: string; information?: string }[];
};
const informationOf = (id: string) => cases.find((c) => c.id === id)!.information!;

function parameters(maximumTransmit: number, maximumReceive: number, windowTransmit: number, windowReceive: number) {
	return { maximumTransmit, maximumReceive, windowTransmit, windowReceive };
}

function decode(hex: string): HdlcParameters {
	const into = parameters(0, 0, 0, 0);
	const bytes = fromHex(`a5${hex}`);
	decodeHdlcParameters(bytes, 1, bytes.length, into);
	return into;
}

function encode(p: HdlcParameters): string {
	const bytes = new Uint8Array(30).fill(0xa5);
	const end = encodeHdlcParameters(p, bytes, 2);
	assert.equal(bytes[end], 0xa5);
	return toHex(bytes.subarray(2, end));
}

const defaults = parameters(128, 128, 1, 1);

describe("HDLC parameter negotiation", () => {
	it("reads and writes the fields of the vectors", () => {
		assert.deepEqual(decode(informationOf("ua-1")), defaults);
		assert.equal(encode(defaults), informationOf("ua-1"));
		assert.deepEqual(decode(informationOf("snrm-2")), parameters(2030, 2030, 1, 1));
		assert.equal(encode(parameters(2030, 2030, 1, 1)), informationOf("snrm-2"));
	});

	it("reads values of one, two and four octets", () => {
		assert.deepEqual(decode("81800c050140060140070103080105"), parameters(64, 64, 3, 5));
		assert.deepEqual(decode("81801005020040060202000702000308020005"), parameters(64, 512, 3, 5));
		assert.deepEqual(decode("818018050400000040060400000200070400000003080400000005"), parameters(64, 512, 3, 5));
	});

	for (const [what, hex, expected] of [
		["no field", "", defaults],
		["an empty group", "818000", defaults],
		["another format identifier", "828003050140", defaults],
		["only one parameter", "8180030501ff", parameters(255, 128, 1, 1)],
		["a parameter nobody knows", "81800609012a050140", parameters(64, 128, 1, 1)],
		["another group before ours", "81f00201028003050140", parameters(64, 128, 1, 1)],
		["a value of three octets", "8180080503000040060140", parameters(128, 64, 1, 1)],
		["a value that is cut", "818003050240", defaults],
		["a group longer than the field", "8180ff050140", defaults],
	] as const) {
		it(`keeps defaults for what is not said: ${what}`, () => {
			assert.deepEqual(decode(hex), expected);
		});
	}

	it("never reads outside the field (G8)", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 40 }), (field) => {
				field[0] = 0x81;
				const into = parameters(0, 0, 0, 0);
				decodeHdlcParameters(field, 0, field.length, into);
				for (const value of Object.values(into)) assert.ok(Number.isInteger(value) && value >= 0);
			}),
			{ seed: 3, numRuns: 300 },
		);
	});

	it("gives what fits both: our transmission is the peer's reception", () => {
		const own = parameters(256, 512, 3, 7);
		const into = parameters(0, 0, 0, 0);
		negotiate(own, parameters(300, 100, 2, 5), into);
		assert.deepEqual(into, parameters(100, 300, 3, 2));
	});

	it("answers values that are not permitted with the nearest own one", () => {
		const own = parameters(512, 256, 3, 2);
		const into = parameters(0, 0, 0, 0);
		negotiate(own, parameters(5000, 2031, 8, 255), into);
		assert.deepEqual(into, own);
		negotiate(own, parameters(31, 0, 0, 0), into);
		assert.deepEqual(into, parameters(32, 32, 1, 1));
	});

	it("has the defaults of the Blue Book and the address out of the serial number", () => {
		const setup = defaultHdlcSetup(40_212_345);
		assert.equal(setup.deviceAddress, 3345);
		assert.equal(defaultDeviceAddress(10_000), 1000);
		assert.equal(defaultDeviceAddress(99_999_999), 10_999);
		assert.deepEqual(
			[
				setup.windowSizeTransmit,
				setup.windowSizeReceive,
				setup.maxInfoFieldLengthTransmit,
				setup.maxInfoFieldLengthReceive,
			],
			[1, 1, 128, 128],
		);
		assert.deepEqual([setup.interOctetTimeout_ms, setup.inactivityTimeout_s, setup.commSpeed], [25, 120, 5]);
	});
});
